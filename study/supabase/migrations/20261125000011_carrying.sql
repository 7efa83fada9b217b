-- A study leaves for another record: its rows as text, in chunks, to the owner alone, since they carry seeds and truths. Texts go
-- untouched by whatever reads JSON in between, so that both sides can be compared letter by letter.

-- The tables that make up a study, in the order in which rows can be written; `belongs` finds the rows of study $1, and `hidden`
-- are the columns that stay behind: accounts differ, a visit is one browser's, and a sign follows from its row.
create function study.carried_tables() returns table (place integer, part text, belongs text, hidden text[])
language sql immutable set search_path = ''
begin atomic
    select * from (values
        (1, 'studies', 't.study = $1', '{moved_to,moved_as}'::text[]),
        (2, 'cases', 't.study = $1', '{}'),
        (3, 'evidence', 't.study = $1', '{}'),
        (4, 'truths', 't.study = $1', '{}'),
        (5, 'media', 't.study = $1', '{}'),
        (6, 'scripts', 't.study = $1', '{}'),
        (7, 'members', 't.study = $1', '{person}'),
        (8, 'identities', 't.member in (select m.member from study.members m where m.study = $1)', '{}'),
        (9, 'invitations', 't.member in (select m.member from study.members m where m.study = $1)', '{}'),
        (10, 'allocations', 't.study = $1', '{}'),
        (11, 'readings', 't.study = $1', '{sign,visit}'),
        (12, 'events', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (13, 'event_payloads', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (14, 'study_events', 't.study = $1', '{}'),
        (15, 'drafts', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (16, 'telemetry', 't.reading in (select r.reading from study.readings r where r.study = $1)', '{}'),
        (17, 'grades', 't.study = $1', '{}')) as v(place, part, belongs, hidden);
end;

-- The columns of a table's key in their order, with their types.
create function study.key_columns(part text) returns table (place integer, name text, kind text)
language sql stable set search_path = ''
begin atomic
    select k.place::integer, a.attname::text, format_type(a.atttypid, a.atttypmod)
    from pg_constraint c cross join unnest(c.conkey) with ordinality as k(number, place)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number
    where c.conrelid = to_regclass('study.' || part) and c.contype = 'p' order by k.place;
end;

create function study.carried_columns(part text, hidden text[]) returns text[]
language sql stable set search_path = ''
begin atomic
    select array_agg(a.attname::text order by a.attname) from pg_attribute a
    where a.attrelid = to_regclass('study.' || part) and a.attnum > 0 and not a.attisdropped and a.attname <> all (hidden);
end;

-- What rows look like here: two records whose forms differ were made by different versions, and exchange nothing.
create function study.carried_form() returns text
language sql stable set search_path = ''
begin atomic
    select encode(study.digest(string_agg(p.part || ':' || array_to_string(study.carried_columns(p.part, p.hidden), ','), ';'
        order by p.place)), 'hex') from study.carried_tables() p;
end;

-- The part of a statement that orders rows by their key, or compares keys: texts by their bytes, so that both sides do alike.
create function study.key_order(part text) returns text
language sql stable set search_path = ''
begin atomic
    select string_agg(format(case kind when 'text' then 't.%I collate "C"' else 't.%I' end, name), ', ' order by place)
    from study.key_columns(key_order.part);
end;

-- Whoever may carry the study: its owner who coordinates it, or, while it is arriving, any owner.
create function study.check_carrier(study uuid) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare is_owner boolean := exists (select from study.people p where p.person = study.caller() and p.owner);
begin
    if is_owner and study.is_arriving(study) then return; end if;
    perform study.membership(study, 'coordinator');
    perform study.check_that(is_owner, 'RS403', 'A study is moved by the owner of its data folder or project alone.');
end $$;

-- How much there is of a study, and where its chain ends.
create function study.extent(study uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_variable
declare
    one record;
    rows bigint;
    parts jsonb := '[]'::jsonb;
begin
    for one in select * from study.carried_tables() t order by t.place loop
        execute format('select count(*) from study.%I t where %s', one.part, one.belongs) into rows using study;
        parts := parts || jsonb_build_array(jsonb_build_array(one.part, rows));
    end loop;
    return (select jsonb_build_object('state', s.state, 'head', s.head, 'count', s.count, 'parts', parts)
            from study.studies s where s.study = extent.study);
end $$;

create function desk.moving_manifest(study uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.check_carrier(study);
    return (select jsonb_build_object('study', s.study, 'slug', s.slug, 'moved_to', s.moved_to, 'moved_as', s.moved_as,
        'form', study.carried_form(), 'extent', study.extent(s.study)) from study.studies s where s.study = moving_manifest.study);
end $$;
select study.publish('moving_manifest', 'authenticated');

-- Rows of one part in order of their key, after a key, as texts that add up to less than half a megabyte. `keys` names the columns
-- of the key, `next` is the key to go on after, null at the end. A longer row comes alone and empty, with its length: `moving_piece`
-- reads it.
create function desk.moving_rows(study uuid, part text, after jsonb, amount integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    one record;
    keys text := study.key_order(part);
    belongs text;
    reply jsonb;
begin
    perform study.check_carrier(study);
    perform study.check_that(amount between 1 and 5000, 'RS400', 'A chunk has 1 to 5,000 rows.');
    select * into one from study.carried_tables() c where c.part = moving_rows.part;
    perform study.check_that(one.part is not null, 'RS400', format('A study has no part %L.', part));
    perform study.check_that(after is null or (select bool_and(after ? k.name) from study.key_columns(part) k), 'RS400',
        'One goes on after a whole key.');
    perform set_config('TimeZone', 'UTC', true), set_config('bytea_output', 'hex', true);
    -- Readings before the key need not be looked at again for each chunk.
    belongs := case when after is null then one.belongs else
        replace(one.belongs, 'r.study = $1', 'r.study = $1 and r.reading >= ($2 ->> ''reading'')::uuid') end;
    execute format(
        'with found as (select * from study.%1$I t where %2$s%3$s order by %4$s limit $3),
        texts as (select row_number() over (order by %4$s) as place, (to_jsonb(t) - $4)::text as item, jsonb_build_object(%5$s) as key
                  from found t),
        sized as (select *, octet_length(item) as size, sum(octet_length(item)) over (order by place) as total from texts),
        kept as (select * from sized where total <= 400000 or place = 1)
        select jsonb_build_object(''keys'', $5,
            ''rows'', coalesce(jsonb_agg(item order by place) filter (where size <= 400000), ''[]''),
            ''long'', max(length(item)) filter (where size > 400000),
            ''next'', case when count(*) = $3 or count(*) < (select count(*) from texts)
                or max(size) > 400000 then (array_agg(key order by place desc))[1] end) from kept',
        part, belongs,
        case when after is not null then format(' and (%s) > (%s)', keys, (select string_agg(format('($2 ->> %L)::%s', k.name, k.kind), ', '
            order by k.place) from study.key_columns(part) k)) end,
        keys, (select string_agg(format('%L, t.%I', k.name, k.name), ', ' order by k.place) from study.key_columns(part) k))
    into reply using study, after, amount, one.hidden,
        (select jsonb_agg(k.name order by k.place) from study.key_columns(part) k);
    return reply;
end $$;
select study.publish('moving_rows', 'authenticated');

-- Part of one long row, after so many characters.
create function desk.moving_piece(study uuid, part text, key jsonb, after integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    one record;
    words text;
begin
    perform study.check_carrier(study);
    select * into one from study.carried_tables() c where c.part = moving_piece.part;
    perform study.check_that(one.part is not null, 'RS400', format('A study has no part %L.', part));
    perform set_config('TimeZone', 'UTC', true), set_config('bytea_output', 'hex', true);
    execute format('select (to_jsonb(t) - $3)::text from study.%I t where %s and (%s) = (%s)', part, one.belongs,
        (select string_agg(format('t.%I', k.name), ', ' order by k.place) from study.key_columns(part) k),
        (select string_agg(format('($2 ->> %L)::%s', k.name, k.kind), ', ' order by k.place) from study.key_columns(part) k))
    into words using study, key, one.hidden;
    perform study.check_that(words is not null, 'RS404', 'There is no such row.');
    return jsonb_build_object('words', substr(words, greatest(after, 0) + 1, 200000));
end $$;
select study.publish('moving_piece', 'authenticated');

-- The study leaves: from now on it takes no acts here. `arrival` is what the other side has drawn for it. The same again is no act.
create function desk.depart(study uuid, destination text, arrival uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare s study.studies;
begin
    perform study.membership(study, 'coordinator');
    perform study.check_carrier(study);
    -- Turns hold the other side of this lock: none of them ends after the study has left.
    perform pg_advisory_xact_lock(hashtextextended(study::text, 13));
    select t.* into strict s from study.studies t where t.study = depart.study for no key update;
    if s.moved_as = arrival then return jsonb_build_object('moved_to', s.moved_to); end if;
    perform study.check_that(s.moved_to is null, 'RS409', format('The study was moved to %s. Only where that copy is gone for good can '
        'it go on from here: `readerstudy study stay` says so.', s.moved_to));
    perform study.check_that(s.state <> 'open', 'RS423', 'An open study is not moved: pause it first, so that nobody is reading.');
    perform study.check_that(btrim(coalesce(destination, '')) <> '' and length(destination) <= 500 and arrival is not null, 'RS400',
        'A study leaves for a place that has a name of at most 500 characters, and for an arrival there.');
    perform study.note(study, 'moved', jsonb_build_object('to', destination, 'arrival', arrival, 'heads', study.heads(study)));
    update study.studies t set moved_to = destination, moved_as = depart.arrival where t.study = s.study;
    return jsonb_build_object('moved_to', destination);
end $$;
select study.publish('depart', 'authenticated');

-- The study goes on here after all: its moving was given up, or the other copy is gone.
create function desk.stay(study uuid, reason text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, reason);
    reply jsonb := study.repeated(somebody, request_id, 'stay', arguments);
    s study.studies;
begin
    perform study.membership(study, 'coordinator');
    perform study.check_carrier(study);
    if reply is not null then return reply; end if;
    select t.* into strict s from study.studies t where t.study = stay.study for no key update;
    perform study.check_that(s.moved_to is not null, 'RS409', 'The study was not moved: it goes on here.');
    perform study.check_that(btrim(coalesce(reason, '')) <> '' and length(reason) <= 1000, 'RS400',
        'Give the reason why the study goes on here, at most 1,000 characters.');
    update study.studies t set moved_to = null, moved_as = null where t.study = s.study;
    perform study.note(study, 'stayed', jsonb_build_object('not_to', s.moved_to, 'arrival', s.moved_as, 'reason', reason));
    return study.keep(somebody, request_id, 'stay', arguments, jsonb_build_object('state', s.state));
end $$;
select study.publish('stay', 'authenticated');
