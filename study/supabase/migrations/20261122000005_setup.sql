-- How a study comes to be: cases, protocol, scripts, allocation; then opened, which freezes all of it under one hash.

create function desk.create_study(slug text, title text, languages jsonb, synthetic boolean, meta jsonb, seed text, request_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(slug, title, languages, synthetic, meta, seed);
    reply jsonb := study.repeated(somebody, request_id, 'create_study', arguments);
    made uuid;
begin
    if reply is not null then return reply; end if;
    perform study.check_that(exists (select from study.people p where p.person = somebody and p.owner)
        or exists (select from study.members m where m.person = somebody and m.role = 'coordinator'), 'RS403',
        'Only the owner of this data folder, or a coordinator of one of its studies, may create a study.');
    perform study.check_that(slug ~ '^[a-z0-9][a-z0-9-]{0,63}$', 'RS400',
        'A study''s short name has 1 to 64 small letters, digits and hyphens, and begins with a letter or digit.');
    perform study.check_that(not exists (select from study.studies s where s.slug = create_study.slug), 'RS409',
        format('A study named %L is here already; choose another short name.', slug));
    insert into study.studies (slug, title, languages, synthetic, meta, seed)
    values (create_study.slug, create_study.title, array(select jsonb_array_elements_text(create_study.languages)),
            create_study.synthetic, create_study.meta, create_study.seed::bigint) returning studies.study into made;
    insert into study.members (study, person, role, pseudonym, state)
    values (made, somebody, 'coordinator', 'C01', 'joined'), (made, somebody, 'runner', 'M01', 'joined'),
           (made, somebody, 'analyst', 'A01', 'joined'), (made, somebody, 'grader', 'G01', 'joined');
    -- Whoever owns the data folder reaches every study in it on the command line.
    insert into study.members (study, person, role, pseudonym, state)
    select made, p.person, x.role, x.pseudonym, 'joined'
    from (select o.person from study.people o where o.owner order by o.created_at limit 1) p
    cross join (values ('coordinator', 'C02'), ('runner', 'M02'), ('analyst', 'A02'), ('grader', 'G02')) as x(role, pseudonym)
    where p.person <> somebody;
    perform study.note(made, 'created', jsonb_build_object('slug', slug, 'synthetic', synthetic));
    return study.keep(somebody, request_id, 'create_study', arguments, jsonb_build_object('study', made));
end $$;
select study.publish('create_study', 'authenticated');

-- A case: the blocks to one table, the truth to another, the whole under the hash that its author's machine computed.
create function desk.add_case(study uuid, content jsonb, hash text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, hash, content);
    reply jsonb := study.repeated(somebody, request_id, 'add_case', arguments);
    key text := content ->> 'key';
    place integer;
begin
    perform study.coordinated(study, 'draft');
    if reply is not null then return reply; end if;
    perform study.check_that(not exists (select from study.cases c where c.study = add_case.study and c.key = content ->> 'key'), 'RS409',
        format('The study has a case %L already.', key));
    perform study.check_that(jsonb_typeof(content -> 'evidence') = 'array' and jsonb_typeof(content -> 'options') = 'array', 'RS400',
        'A case has a list of evidence and a list of options.');
    perform study.check_that(jsonb_array_length(content -> 'options') = 0 or 1 = (
        select count(*) from jsonb_array_elements(content -> 'options') as o where (o ->> 'right')::boolean), 'RS400',
        format('Exactly one option of the case %L is right.', key));
    select coalesce(max(c.position), 0) + 1 into place from study.cases c where c.study = add_case.study;
    insert into study.cases (study, key, position, version, language, translation_of, specialty, synthetic, practice, hash, content)
    values (add_case.study, content ->> 'key', place, content ->> 'version', content ->> 'language', content ->> 'translation_of',
            content ->> 'specialty', (content ->> 'synthetic')::boolean, (content ->> 'practice')::boolean, add_case.hash, content);
    insert into study.evidence (study, case_key, id, position, block)
    select add_case.study, content ->> 'key', block ->> 'id', place, block
    from jsonb_array_elements(content -> 'evidence') with ordinality as e(block, place);
    insert into study.truths (study, case_key, diagnosis, options, right_option)
    select add_case.study, content ->> 'key', content -> 'diagnosis', content -> 'options',
        (select (o.place - 1)::integer from jsonb_array_elements(content -> 'options') with ordinality as o(option, place)
         where (o.option ->> 'right')::boolean);
    perform study.note(study, 'case_added', jsonb_build_object('key', key, 'hash', hash));
    return study.keep(somebody, request_id, 'add_case', arguments, jsonb_build_object('key', key));
end $$;
select study.publish('add_case', 'authenticated');

-- An image is its own key: the same again changes nothing, so its request id, which every writing call has, is not kept.
create function desk.add_media(study uuid, sha256 text, mime text, width integer, height integer, bytes integer, request_id uuid)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.coordinated(study, 'draft');
    perform study.check_that(mime in ('image/png', 'image/jpeg', 'image/webp', 'image/gif'), 'RS400',
        format('An image of type %s is not shown by browsers alike; convert it to PNG or JPEG.', mime));
    insert into study.media (study, sha256, mime, width, height, bytes)
    values (add_media.study, add_media.sha256, add_media.mime, add_media.width, add_media.height, add_media.bytes)
    on conflict on constraint media_pkey do nothing;
    return jsonb_build_object('sha256', sha256);
end $$;
select study.publish('add_media', 'authenticated');

create function desk.set_protocol(study uuid, protocol jsonb, hash text, texts jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, hash, protocol, texts);
    reply jsonb := study.repeated(somebody, request_id, 'set_protocol', arguments);
    s study.studies := study.coordinated(study, 'draft');
begin
    if reply is not null then return reply; end if;
    perform study.check_that(s.synthetic or protocol ->> 'feedback' is distinct from 'after_reading', 'RS400',
        'Feedback after a reading is for demonstrations: only a synthetic study may have it.');
    update study.studies t set protocol = set_protocol.protocol, protocol_hash = set_protocol.hash, texts = set_protocol.texts
    where t.study = s.study;
    perform study.note(study, 'protocol_set', jsonb_build_object('hash', hash));
    return study.keep(somebody, request_id, 'set_protocol', arguments, jsonb_build_object('hash', hash));
end $$;
select study.publish('set_protocol', 'authenticated');

-- A script is its own key too: the same again changes nothing, so its request id is not kept.
create function desk.add_script(study uuid, hash text, content jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.coordinated(study, 'draft');
    insert into study.scripts (study, hash, content) values (add_script.study, add_script.hash, add_script.content)
    on conflict on constraint scripts_pkey do nothing;
    return jsonb_build_object('hash', hash);
end $$;
select study.publish('add_script', 'authenticated');

-- The first thing that does not fit in rows of a plan, as a sentence; null where each entry names a case, a script of that
-- case, and an order of its options.
create function study.misplanned(study uuid, rows jsonb) returns text
language sql stable set search_path = ''
begin atomic
    select format('The plan''s entry for the case %s fits no case with its script and options here.', coalesce(e ->> 'case',
        'without a name'))
    from jsonb_array_elements(misplanned.rows) as plan cross join lateral jsonb_array_elements(plan) as e
    left join study.scripts k on k.study = misplanned.study and k.hash = e ->> 'script'
    left join study.truths t on t.study = misplanned.study and t.case_key = e ->> 'case'
    where (k.content -> 'case' ->> 'key' = e ->> 'case'
        and array(select jsonb_array_elements_text(e -> 'options')::integer order by 1)
            = array(select generate_series(0, jsonb_array_length(t.options) - 1))) is not true
    limit 1;
end;

-- Rows of the plan for one pool, appended; the generator's name, version and seed are kept with them.
create function desk.add_allocation(study uuid, pool text, rows jsonb, generator jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, pool, rows, generator);
    reply jsonb := study.repeated(somebody, request_id, 'add_allocation', arguments);
    last_row integer;
    wrong text;
begin
    perform study.coordinated(study, 'draft', 'open', 'paused');
    if reply is not null then return reply; end if;
    wrong := study.misplanned(study, rows);
    perform study.check_that(wrong is null, 'RS400', wrong);
    select coalesce(max(a.row), 0) into last_row from study.allocations a where a.study = add_allocation.study
        and a.pool = add_allocation.pool;
    insert into study.allocations (study, pool, row, plan, generator)
    select add_allocation.study, add_allocation.pool, last_row + place, plan, add_allocation.generator
    from jsonb_array_elements(rows) with ordinality as r(plan, place);
    perform study.note(study, 'allocated', jsonb_build_object('pool', pool, 'rows', jsonb_array_length(rows),
        'generator', generator - 'seed'));  -- whoever has the seed can draw every option order again
    return study.keep(somebody, request_id, 'add_allocation', arguments,
                      jsonb_build_object('pool', pool, 'rows', last_row + jsonb_array_length(rows)));
end $$;
select study.publish('add_allocation', 'authenticated');
