-- No test of its own: what tests of the past include after method.sql. past(method, who, params) reads as of params.as_of;
-- past_refusal(method, params) gives 'CA003 sentence' of what it answers instead, or 'OK'.
CREATE FUNCTION past(method text, who text, params jsonb, roles text[] DEFAULT '{owner,isms_manager}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result json;
BEGIN
  result := api.as_of(method, jsonb_build_object('name', who, 'roles', roles, 'act_for_others', false), who, with_spans(params));
  RETURN result::jsonb;
END $$;
CREATE FUNCTION past_refusal(method text, params jsonb, who text DEFAULT 'anna', roles text[] DEFAULT '{owner,isms_manager}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM past(method, who, params, roles);
  RETURN 'OK';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
