-- What a reference names: NC-17, nc-17 or 17 an NC, CA-42 an action, FU-3 a follow-up. Says so if there is none such.
-- `nc` is the NC it is about; `action` and `follow_up` are null unless one was named.
CREATE OR REPLACE FUNCTION capa.reference(ref_ text, OUT nc int, OUT action int, OUT follow_up int) LANGUAGE plpgsql STABLE AS $$
DECLARE
  part text[] := regexp_match(upper(btrim(ref_)), '^(?:(NC|CA|FU)-)?([1-9][0-9]{0,8})$');
BEGIN
  IF part IS NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is no reference of an NC, an action or a follow-up.', left(ref_, 80)), NULL,
      'References look like NC-17 (or 17), CA-42 and FU-3.');
  END IF;
  IF part[1] = 'CA' THEN
    SELECT a.nc, a.id INTO nc, action FROM capa.action a WHERE a.id = part[2]::int;
  ELSIF part[1] = 'FU' THEN
    SELECT f.nc, f.id INTO nc, follow_up FROM capa.follow_up f WHERE f.id = part[2]::int;
  ELSE
    SELECT n.id INTO nc FROM capa.nc n WHERE n.id = part[2]::int;
  END IF;
  IF nc IS NULL THEN
    PERFORM capa.fail('not_found', format('There is no %s-%s.', coalesce(part[1], 'NC'), part[2]), NULL,
      'capactl list --all shows what there is.');
  END IF;
END $$;
