-- The bytes of one piece of evidence, in pages, with the hash of the whole.
CREATE OR REPLACE FUNCTION api.evidence_get(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  id_ int := substring(upper(btrim(params ->> 'id')) FROM '^(?:EV-)?([1-9][0-9]{0,8})$')::int;
  e capa.evidence;
  from_ int;
  most int;
  body_ bytea;
  result jsonb;
BEGIN
  PERFORM capa.check_call('evidence.get', principal, params);
  SELECT * INTO e FROM capa.evidence x WHERE x.id = id_;
  IF NOT FOUND THEN
    PERFORM capa.fail('not_found', format('There is no evidence "%s".', left(params ->> 'id', 40)), NULL,
      'capactl evidence list NC-17 names them: EV-3.');
  END IF;
  PERFORM capa.check_read(principal, actor, e.nc);
  from_ := coalesce(capa.param_int(params, 'offset'), 0);
  most := coalesce(nullif(capa.param_int(params, 'length', 8388608), 0), 8388608);
  result := jsonb_build_object('ref', 'EV-' || e.id, 'nc', 'NC-' || e.nc, 'kind', e.kind, 'name', e.name, 'sha256', e.sha256, 'size', e.size);
  IF e.kind = 'link' THEN
    RETURN jsonb_strip_nulls(result || jsonb_build_object('url', e.name));
  END IF;
  IF e.removed_at IS NOT NULL THEN
    PERFORM capa.fail('not_found', format('The bytes of EV-%s were removed on %s (%s); their SHA-256 was %s.', e.id,
        capa.rfc3339(e.removed_at), e.removed_why, e.sha256), NULL, format('capactl log NC-%s says by whom and why.', e.nc));
  END IF;
  SELECT b.body INTO body_ FROM capa.evidence_body b WHERE b.sha256 = e.sha256;
  IF body_ IS NULL THEN
    PERFORM capa.fail('not_found', format('The bytes of EV-%s are not kept any more; their SHA-256 was %s.', e.id, e.sha256));
  END IF;
  RETURN result || jsonb_build_object('offset', from_,
    'base64', translate(encode(substr(body_, from_ + 1, most), 'base64'), E'\n', ''));
END $$;
