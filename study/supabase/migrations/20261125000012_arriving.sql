-- A study arrives from another record. Until its arrival has ended nobody is a member of it, nobody joins it, and it can be removed
-- again, row by row, which no study can that is here.

-- A long row on its way, put together once all its pieces are here.
create table study.pieces (
    study uuid not null references study.arrivals (study),
    place integer not null,
    words text not null,
    primary key (study, place)
);
alter table study.pieces enable row level security;

create or replace function study.append_only() returns trigger
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    if tg_op = 'DELETE' and current_setting('study.forgetting', true) = 'on' then
        return null;  -- each row is looked at by `only_unarrived`
    end if;
    raise exception using errcode = 'RS403', message = format('%s is append-only: a row that is written stays.', tg_table_name);
end $$;

create function study.only_unarrived() returns trigger
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    was jsonb := to_jsonb(old);
    whose uuid := coalesce((was ->> 'study')::uuid, (select r.study from study.readings r where r.reading = (was ->> 'reading')::uuid));
begin
    if current_setting('study.forgetting', true) = 'on' and study.is_arriving(whose) then return old; end if;
    raise exception using errcode = 'RS403', message = format('%s is append-only: a row that is written stays.', tg_table_name);
end $$;
create trigger only_unarrived before delete on study.events for each row execute function study.only_unarrived();
create trigger only_unarrived before delete on study.event_payloads for each row execute function study.only_unarrived();
create trigger only_unarrived before delete on study.study_events for each row execute function study.only_unarrived();
create trigger only_unarrived before delete on study.grades for each row execute function study.only_unarrived();

-- The arrival, locked against its end, after the caller was found to be an owner. For anybody else there is none.
create function study.arriving(study uuid) returns study.arrivals
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare a study.arrivals;
begin
    if exists (select from study.people p where p.person = study.caller() and p.owner) then
        select t.* into a from study.arrivals t where t.study = arriving.study for share;
    end if;
    perform study.check_that(a.study is not null, 'RS404', 'There is no study arriving for you.');
    perform study.check_that(a.ended_at is null, 'RS409', 'The study has arrived already: it goes on here.');
    return a;
end $$;

-- Begins an arrival, or finds the one that was begun: its id, whether it has ended, and of each part the last key that is here.
create function desk.arrive_begin(coming uuid, slug text, origin text, form text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    a study.arrivals;
    one record;
    key jsonb;
    latest jsonb := '{}'::jsonb;
begin
    perform study.check_that(exists (select from study.people p where p.person = somebody and p.owner), 'RS403',
        'Studies are brought here by an owner of this data folder or project alone.');
    perform study.check_that(coming is not null and slug ~ '^[a-z0-9][a-z0-9-]{0,63}$' and length(origin) between 1 and 500, 'RS400',
        'A study arrives with its id and short name, from a place that has a name of at most 500 characters.');
    perform study.check_that(form = study.carried_form(), 'RS409',
        'The two places are of different versions of readerstudy; bring both to the same version first.');
    perform pg_advisory_xact_lock(hashtextextended(slug, 29));
    select t.* into a from study.arrivals t where t.study = coming;
    if a.ended_at is not null then return jsonb_build_object('arrival', a.arrival, 'ended', true); end if;
    if a.study is null then
        perform study.check_that(not exists (select from study.studies s where s.study = coming), 'RS409',
            format('The study %s is here already%s. Nothing is overwritten.', slug,
                (select ' and was moved to ' || s.moved_to from study.studies s where s.study = coming)));
        perform study.check_that(not exists (select from study.studies s where s.slug = arrive_begin.slug)
            and not exists (select from study.arrivals t where t.slug = arrive_begin.slug), 'RS409',
            format('Another study is named %s here. Nothing is overwritten.', slug));
        insert into study.arrivals (study, slug, origin, person) values (coming, slug, origin, somebody) returning * into a;
    end if;
    for one in select * from study.carried_tables() loop
        execute format('select jsonb_build_object(%s) from study.%I t where %s order by %s limit 1',
            (select string_agg(format('%L, t.%I', k.name, k.name), ', ' order by k.place) from study.key_columns(one.part) k), one.part,
            one.belongs, replace(study.key_order(one.part), ',', ' desc,') || ' desc') into key using coming;
        if key is not null then latest := latest || jsonb_build_object(one.part, key); end if;
    end loop;
    return jsonb_build_object('arrival', a.arrival, 'ended', false, 'latest', latest);
end $$;
select study.publish('arrive_begin', 'authenticated');

-- Rows of one part, as `moving_rows` gave them; those that are here already stay as they are. With `pieced` the row that was sent in
-- pieces is among them.
create function desk.arrive_rows(study uuid, part text, rows jsonb, pieced boolean default false) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    a study.arrivals := study.arriving(study);
    one record;
    given jsonb;
    foreign_rows bigint;
    written bigint;
begin
    select * into one from study.carried_tables() c where c.part = arrive_rows.part;
    perform study.check_that(one.part is not null, 'RS400', format('A study has no part %L.', part));
    perform study.check_that(jsonb_typeof(rows) = 'array' and jsonb_array_length(rows) <= 5000, 'RS400', 'A chunk has at most 5,000 rows.');
    select coalesce(jsonb_agg(x.item::jsonb), '[]') into given from (
        select jsonb_array_elements_text(rows) as item
        union all select string_agg(w.words, '' order by w.place) from study.pieces w where w.study = a.study and pieced
        having count(*) > 0) x;
    perform set_config('TimeZone', 'UTC', true);
    execute format('select count(*) from jsonb_populate_recordset(null::study.%I, $2) t where (%s) is not true', part, one.belongs)
    into foreign_rows using a.study, given;
    perform study.check_that(foreign_rows = 0 and (part <> 'studies' or not exists (select from jsonb_array_elements(given) g
        where g ->> 'slug' is distinct from a.slug)), 'RS400', format('A row of %s is not the arriving study''s.', part));
    execute format('insert into study.%1$I (%2$s) overriding system value select %2$s from jsonb_populate_recordset(null::study.%1$I, $1)
        on conflict (%3$s) do nothing', part,
        (select string_agg(quote_ident(c), ', ') from unnest(study.carried_columns(part, one.hidden)) c),
        (select string_agg(quote_ident(k.name), ', ' order by k.place) from study.key_columns(part) k)) using given;
    get diagnostics written = row_count;
    if pieced then delete from study.pieces w where w.study = a.study; end if;
    return jsonb_build_object('written', written);
end $$;
select study.publish('arrive_rows', 'authenticated');

create function desk.arrive_piece(study uuid, place integer, words text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare a study.arrivals := study.arriving(study);
begin
    perform study.check_that(length(words) between 1 and 200000 and place >= 0, 'RS400', 'A piece has 1 to 200,000 characters.');
    if place = 0 then delete from study.pieces w where w.study = a.study; end if;
    insert into study.pieces (study, place, words) values (a.study, arrive_piece.place, arrive_piece.words)
    on conflict on constraint pieces_pkey do update set words = excluded.words;
    return jsonb_build_object('place', place);
end $$;
select study.publish('arrive_piece', 'authenticated');

-- Removes some of what has arrived, the last parts first, and says whether any is left; `wholly` removes the arrival itself too.
create function desk.arrive_forget(study uuid, wholly boolean, amount integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    a study.arrivals := study.arriving(study);
    one record;
    gone bigint;
    budget bigint := amount;
begin
    perform study.check_that(amount between 1 and 50000, 'RS400', 'A chunk has 1 to 50,000 rows.');
    perform 1 from study.arrivals t where t.study = a.study for update;
    perform set_config('study.forgetting', 'on', true);
    for one in select * from study.carried_tables() c order by c.place desc loop
        execute format('delete from study.%1$I where ctid in (select t.ctid from study.%1$I t where %2$s limit $2)', one.part, one.belongs)
        using a.study, budget;
        get diagnostics gone = row_count;
        budget := budget - gone;
        exit when budget <= 0;
    end loop;
    perform set_config('study.forgetting', '', true);
    if budget > 0 then
        delete from study.pieces w where w.study = a.study;
        if wholly then delete from study.arrivals t where t.study = a.study; end if;
    end if;
    return jsonb_build_object('left', budget <= 0);
end $$;
select study.publish('arrive_forget', 'authenticated');

-- The first thing that is not whole in what has arrived, as a sentence; null where its chains end where the study says.
create function study.unfinished(study uuid, arrival uuid) returns text
language sql stable set search_path = ''
begin atomic
    select coalesce(
        (select format('The reading %s does not end where it should.', r.reading)
         from study.readings r
         left join lateral (select e.seq, e.hash from study.events e where e.reading = r.reading order by e.seq desc limit 1) l on true
         where r.study = unfinished.study and (coalesce(l.seq, 0), coalesce(l.hash, repeat('0', 64))) <> (r.count, r.head) limit 1),
        (select 'The study''s own chain does not end where it should.' from study.studies s
         where s.study = unfinished.study and not exists (select from study.study_events c
             where c.study = s.study and c.seq = s.count and c.hash = s.head)),
        (select 'The study''s own chain does not say that it left for here.'
         where (select c.body::jsonb ->> 'arrival' from study.study_events c
                where c.study = unfinished.study and c.kind in ('moved', 'stayed') order by c.seq desc limit 1)
             is distinct from unfinished.arrival::text
             or (select c.kind from study.study_events c
                where c.study = unfinished.study and c.kind in ('moved', 'stayed') order by c.seq desc limit 1) <> 'moved'),
        (select format('%s of its images are not here.', jsonb_array_length(study.missing_objects(unfinished.study)))
         where jsonb_array_length(study.missing_objects(unfinished.study)) > 0));
end;

-- Ends the arrival of what is as much, and ends in the same heads, as the other side says: the caller runs the study from now on.
-- The same again is no act.
create function desk.arrive_end(study uuid, extent jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    a study.arrivals;
    somebody uuid := study.caller();
    wrong text;
begin
    select t.* into a from study.arrivals t where t.study = arrive_end.study and exists (select from study.people p
        where p.person = somebody and p.owner) for update;
    perform study.check_that(a.study is not null, 'RS404', 'There is no study arriving for you.');
    if a.ended_at is not null then return jsonb_build_object('arrival', a.arrival); end if;
    perform study.check_that(study.extent(a.study) = extent, 'RS409', format('What has arrived is not what was sent: %s here, %s there.',
        study.extent(a.study), extent));
    wrong := study.unfinished(a.study, a.arrival);
    perform study.check_that(wrong is null, 'RS409', wrong);
    lock table study.grades in share row exclusive mode;  -- no grade takes a number in between
    perform setval(pg_get_serial_sequence('study.grades', 'seq'), greatest(nextval(pg_get_serial_sequence('study.grades', 'seq')),
        (select max(g.seq) from study.grades g where g.study = a.study)));
    insert into study.members (study, person, role, pseudonym, state)
    select a.study, somebody, x.role, x.letter || lpad(x.ordinal::text, greatest(2, length(x.ordinal::text)), '0'), 'joined'
    from (select v.role, v.letter, (select count(*) + 1 from study.members m where m.study = a.study and m.role = v.role) as ordinal
          from (values ('coordinator', 'C'), ('runner', 'M'), ('analyst', 'A'), ('grader', 'G')) as v(role, letter)) x;
    update study.arrivals t set ended_at = clock_timestamp() where t.study = a.study;
    perform study.note(a.study, 'arrived', jsonb_build_object('from', a.origin, 'arrival', a.arrival));
    return jsonb_build_object('arrival', a.arrival);
end $$;
select study.publish('arrive_end', 'authenticated');

-- Whoever brings a study puts its images, and may see that they are there.
create function study.brings(study uuid, somebody uuid) returns boolean
language sql stable set search_path = ''
begin atomic
    select study.is_arriving(brings.study) and exists (select from study.people p where p.person = brings.somebody and p.owner);
end;

create or replace function desk.may_put_object(name text) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := (study.live_session()).person;
    named uuid := study.of_object(name);
begin
    return somebody is not null and named is not null and (study.brings(named, somebody) or exists (
        select from study.members c join study.studies s on s.study = c.study
        where s.study = named and s.state = 'draft' and s.moved_to is null and c.person = somebody and c.role = 'coordinator'));
end $$;
