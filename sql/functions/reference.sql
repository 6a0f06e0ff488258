-- What a reference names: NC-17, nc-17 or 17 an NC, CA-42 an action. Says so if there is none such.
-- `nc` is the NC it is about, `action` is null unless an action was named.
CREATE OR REPLACE FUNCTION capa.reference(ref_ text, OUT nc int, OUT action int) LANGUAGE plpgsql STABLE AS $$
DECLARE
  part text[] := regexp_match(upper(btrim(ref_)), '^(?:(NC|CA)-)?([1-9][0-9]{0,8})$');
BEGIN
  IF part IS NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is no reference of an NC or an action.', left(ref_, 80)), NULL,
      'References look like NC-17 (or 17) and CA-42.');
  END IF;
  IF part[1] = 'CA' THEN
    SELECT a.nc, a.id INTO nc, action FROM capa.action a WHERE a.id = part[2]::int;
  ELSE
    SELECT n.id INTO nc FROM capa.nc n WHERE n.id = part[2]::int;
  END IF;
  IF nc IS NULL THEN
    PERFORM capa.fail('not_found', format('There is no %s-%s.', coalesce(part[1], 'NC'), part[2]), NULL,
      'capactl list --all shows what there is.');
  END IF;
END $$;
