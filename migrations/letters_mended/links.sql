-- What somebody else wrote, as it is shown: no address in it can be followed, and nothing in it is hidden. As
-- portal.linkless does for letters.
CREATE FUNCTION portal.strip_links(words text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
    SELECT regexp_replace(
        regexp_replace(
            regexp_replace(words, '[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]', '', 'g'),
            '(?:[a-z][a-z0-9+.-]*:/+|mailto:|www[.]|(?:[a-z0-9\u00a1-\u1fff-]+[.])+[a-z\u00a1-\u1fff]{2,}(?::[0-9]+)?[/?#])'
            '[^\s<>"\u3000-\u303f\uff00-\uffef]*',
            '[…]', 'gi'),
        '(?<!@[\w.+-]*)([a-z0-9\u00a1-\u1fff])[.](?=[a-z\u00a1-\u1fff]{2})(?![\w.+-]*@)', '\1. ', 'gi')
$$;
REVOKE EXECUTE ON FUNCTION portal.strip_links(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal.strip_links(text) TO portal_app;
