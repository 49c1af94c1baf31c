"""Signing in by the identity provider of an organization (OpenID Connect)."""
