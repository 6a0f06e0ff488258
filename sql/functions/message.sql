-- The CloudEvent that is a journal row's body and the message on the bus, as text: these bytes are hashed,
-- stored, published and exported.
CREATE OR REPLACE FUNCTION capa.message(epoch int, seq bigint, previous bigint, at timestamptz, actor text,
                                        topic text, ref text, data jsonb)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT (jsonb_strip_nulls(jsonb_build_object(
    'specversion', '1.0', 'id', epoch || '-' || seq, 'source', 'capad',
    'type', 'org.capad.' || CASE WHEN topic LIKE 'escalation.%' THEN 'escalation' ELSE topic END || '.v1',
    'subject', ref, 'time', capa.rfc3339(at), 'datacontenttype', 'application/json',
    'sequence', seq::text, 'previous', previous::text, 'epoch', epoch::text, 'actor', actor))
    || jsonb_build_object('data', data))::text
$$;
