-- Links to choose a password, letters and addresses in invitations are kept for a while alone, too.
GRANT DELETE ON portal.password_reset, portal.mail TO portal_worker;
CREATE INDEX ix_password_reset_expires_at ON portal.password_reset (expires_at);
CREATE INDEX ix_invitation_named ON portal.invitation (expires_at) WHERE email IS NOT NULL AND refused_at IS NULL;
