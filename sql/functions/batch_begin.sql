-- The batch that a decision is about, locked, with all that carrying it out may lock: the fingerprints of its NCs, then their rows,
-- ascending.
CREATE OR REPLACE FUNCTION capa.batch_begin(ref_ text) RETURNS capa.batch LANGUAGE plpgsql AS $$
DECLARE
  number int := capa.batch_number(ref_);
  b capa.batch;
BEGIN
  IF number IS NULL THEN
    PERFORM capa.fail('invalid', format('"%s" is no reference of a batch.', left(ref_, 80)), NULL, 'A batch is called B-4.');
  END IF;
  SELECT * INTO b FROM capa.batch WHERE id = number;
  IF NOT FOUND THEN
    PERFORM capa.fail('not_found', format('There is no B-%s.', number), NULL, 'capactl approvals --all lists what waits for a decision.');
  END IF;
  PERFORM capa.fingerprints_lock(b.ncs);
  SELECT * INTO b FROM capa.batch WHERE id = number FOR UPDATE;
  PERFORM FROM capa.nc WHERE id = ANY (b.ncs) ORDER BY id FOR UPDATE;
  RETURN b;
END $$;
