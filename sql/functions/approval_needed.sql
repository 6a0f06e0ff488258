-- Must a plan of this grade be approved? Of critical and major always; else as the pinned policy says ("approval" of the
-- grade), which is no. Reads that one value: the whole policy (capa.policy_of) is too much for every fact of every list.
CREATE OR REPLACE FUNCTION capa.approval_needed(version_ int, policy_ text, grade_ text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT grade_ IN ('critical', 'major') OR coalesce((
      SELECT (coalesce(l.body -> 'policies' -> policy_, l.body -> 'policies' -> 'default') -> grade_ ->> 'approval')::boolean
      FROM capa.loaded l WHERE l.kind = 'policy' AND l.version = version_), false));
END $$;
