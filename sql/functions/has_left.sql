-- Whether an NC in this state has left the main line: it is worked on no more until a decision or an event brings it back.
CREATE OR REPLACE FUNCTION capa.has_left(state_ text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT state_ IN ('closed', 'rejected', 'merged')
$$;
