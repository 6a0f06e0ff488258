-- coverage: fields that no rule looks at, and paths of rules that events used to have.
\ir lib/send.psql
\ir method.sql
SELECT * FROM no_plan();
SELECT clock_to('2026-01-05 09:00Z');
SELECT test.rules('{"rules":[{"id":"backup-failed","hash":"h0","title":"t","effect":"fail","policy":"default","growth":[]}],
  "paths":["/type","/data/exit~1code","/data/host","/data/list/*/x","/subject","/data/deep/a"]}') ->> 'changed';
SELECT is(capa.pointer_path(p), expected::text[], p) FROM (VALUES ('/a/b~1c/d~0e', '{a,b/c,d~e}'), ('/a/*/b', NULL), ('', NULL), ('/', NULL)) v(p, expected);
SELECT is((SELECT string_agg(p, ' ' ORDER BY p) FROM capa.json_pointers('{"a":1,"b":{"c/d":null,"e":[{"f":1}]},"g":{}}') p), '/a /b/c~1d /b/e', 'places of a document');
CREATE FUNCTION send(n int, label text, data text, type_ text DEFAULT 't') RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM jsonb_array_elements(test.send((SELECT jsonb_agg(jsonb_build_object('id', label || i, 'fp', 'x', 'type', type_, 'body',
    format('{"specversion":"1.0","id":"%s%s","source":"/t","type":"%s","data":%s}', label, i, type_, data))) FROM generate_series(1, n) i)))
$$;
SELECT is(say('coverage', 'ina', '{"what":"drift"}'), '[]', 'nothing came');
SELECT is(say('coverage', 'ina', '{"what":"fields"}'), '[]', 'nothing came at all');
SELECT is(send(100, 'a', '{"exit/code":1,"host":"h","list":[{"x":1}],"note":"n","deep":{"a":1,"b":2}}'), 100::bigint, 'events as they were');
SELECT is(send(20, 'other', '{"host":"h"}', 'u'), 20::bigint, 'another type');
SELECT is((SELECT string_agg(f ->> 'path', ' ' ORDER BY f ->> 'path') FROM jsonb_array_elements(say('coverage', 'ina', '{"what":"fields"}')) f WHERE f ->> 'type' = 't'), '/data/deep/b /data/note',
  'fields that no rule looks at');
SELECT is(say('coverage', 'ina', '{"what":"drift"}'), '[]', 'nothing is gone');
SELECT is(send(200, 'b', '{"exit_code":1,"host":"h","list":[],"deep":{"a":null}}'), 200::bigint, 'then the tool writes it another way');
SELECT is((SELECT string_agg(concat_ws(' ', f ->> 'source', f ->> 'type', f ->> 'path'), ', ') FROM jsonb_array_elements(say('coverage', 'ina', '{"what":"drift"}')) f), '/t t /data/exit~1code',
  'the path that is there no more; null is there, and what no rule uses is not missed');
-- of an adapter's events what rules see as /data/..., and what adapters take from it, whose places are among the paths, too
SELECT test.rules('{"rules":[{"id":"backup-failed","hash":"h0","title":"t","effect":"fail","policy":"default","growth":[]}],
  "paths":["/type","/data/scored","/rule/level","/agent"]}', 'b') ->> 'changed';
CREATE FUNCTION send_raw(n int, label text, body text) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM jsonb_array_elements(test.send((SELECT jsonb_agg(jsonb_build_object('id', label || i, 'fp', 'x', 'type', 'raw', 'src', '/raw', 'adapter', 'x', 'body', body)) FROM generate_series(1, n) i), NULL, 'b'))
$$;
SELECT is(send_raw(200, 'r', '{"scored":true,"rule":{"level":7,"new":1},"agent":{"name":"a"}}'), 200::bigint, 'an adapter''s events as they were');
SELECT is((SELECT string_agg(f ->> 'path', ' ' ORDER BY f ->> 'path') FROM jsonb_array_elements(say('coverage', 'ina', '{"what":"fields"}')) f WHERE f ->> 'type' = 'raw'), '/data/rule/new',
  'what neither rule nor adapter looks at');
SELECT is(send_raw(400, 's', '{"rule":{"level":7},"agents":{"name":"a"}}'), 400::bigint, 'then the tool writes it another way');
SELECT is((SELECT string_agg(f ->> 'path', ' ' ORDER BY f ->> 'path') FROM jsonb_array_elements(say('coverage', 'ina', '{"what":"drift"}')) f WHERE f ->> 'type' = 'raw'), '/data/agent /data/scored',
  'what rules and adapters miss');
SELECT matches(refusal('coverage', 'ina', '{"what":"everything"}'), '^CA003 "what" cannot be "everything"', 'there is nothing else');
SELECT * FROM finish();
