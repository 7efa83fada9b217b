-- The record: append-only events in hash chains, payloads apart so that free text can be erased and the chain still holds.
create function study.stamp(at timestamptz) returns text
language sql immutable set search_path = ''
begin atomic
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end;

-- The day of a moment: coordinators and exports tell days where the moment itself would join what they keep apart.
create function study.day(at timestamptz) returns text
language sql immutable set search_path = ''
begin atomic
    select case when at > '-infinity' then to_char(at at time zone 'UTC', 'YYYY-MM-DD"T00:00:00Z"') end;
end;

-- `handle` is what coordinators pass. `place` is the case's column in the matrix, `blanks` the columns left empty before it, and
-- `sign` both as text: a row of the matrix is the signs of one member in a row, read from the index alone.
create table study.readings (
    reading uuid primary key default gen_random_uuid(),
    handle uuid not null unique default gen_random_uuid(),
    study uuid not null references study.studies,
    member uuid not null references study.members,
    case_key text not null,
    position integer not null,
    practice boolean not null,
    arm text not null,
    seed bigint not null,
    script text not null,
    option_order integer[] not null,
    steps integer not null,
    state text not null default 'assigned' check (state in
        ('assigned', 'reading', 'paused', 'completed', 'skipped', 'withdrawn', 'excluded', 'technical')),
    step integer not null default -1,
    attempt integer not null default 1,
    completed_attempt integer,
    head text not null default repeat('0', 64),
    count integer not null default 0,
    last_at timestamptz not null default '-infinity',
    opened_at timestamptz,
    deadline timestamptz,
    limit_kind text,
    paused_at timestamptz,
    begun_at timestamptz,
    locked_at timestamptz,
    visit uuid,
    place integer not null default 0,
    blanks integer not null default 0,
    sign text not null generated always as (repeat('.', blanks) || case state when 'assigned' then 'a' when 'reading' then 'r'
        when 'paused' then 'p' when 'completed' then 'c' when 'skipped' then 's' when 'withdrawn' then 'w' when 'excluded' then 'x'
        else 't' end) stored,
    unique (member, case_key),
    unique (member, practice, position),
    foreign key (study, case_key) references study.cases (study, key),
    foreign key (study, script) references study.scripts (study, hash)
);
create index on study.readings (study, member, place) include (sign);
create index on study.readings (study) where state in ('reading', 'paused');

create table study.events (
    reading uuid not null references study.readings,
    seq integer not null,
    kind text not null check (kind in ('begun', 'shown', 'ready', 'locked', 'late', 'timed_out', 'skipped', 'flagged',
                                       'paused', 'resumed', 'revisited', 'reopened', 'withdrawn', 'completed')),
    step integer not null,
    attempt integer not null,
    actor uuid not null,
    reader uuid not null,
    at timestamptz not null,
    request_id uuid,
    client text not null,
    payload_digest text not null,
    previous text not null,
    hash text not null,
    primary key (reading, seq)
);

create table study.event_payloads (
    reading uuid not null,
    seq integer not null,
    nonce bytea,
    payload text,
    primary key (reading, seq),
    foreign key (reading, seq) references study.events (reading, seq)
);

create table study.study_events (
    study uuid not null references study.studies,
    seq integer not null,
    kind text not null,
    actor uuid not null,
    at timestamptz not null,
    body text not null,
    previous text not null,
    hash text not null,
    primary key (study, seq)
);

-- Typing in progress and what the browser measured: kept apart from the record.
create table study.drafts (
    reading uuid not null references study.readings,
    step integer not null,
    attempt integer not null,
    tab text not null,
    number bigint not null,
    body jsonb not null,
    saved_at timestamptz not null,
    primary key (reading, step, attempt)
);

create table study.telemetry (
    reading uuid not null references study.readings,
    step integer not null,
    attempt integer not null,
    tab text not null,
    number bigint not null,
    at timestamptz not null default clock_timestamp(),
    body jsonb not null,
    primary key (reading, step, attempt, tab, number)
);

alter table study.readings enable row level security;
alter table study.events enable row level security;
alter table study.event_payloads enable row level security;
alter table study.study_events enable row level security;
alter table study.drafts enable row level security;
alter table study.telemetry enable row level security;

create function study.append_only() returns trigger
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    raise exception using errcode = 'RS403', message = format('%s is append-only: a row that is written stays.', tg_table_name);
end $$;

create trigger append_only before update or delete or truncate on study.events
    for each statement execute function study.append_only();
create trigger append_only before update or delete or truncate on study.study_events
    for each statement execute function study.append_only();
create trigger append_only before delete or truncate on study.event_payloads
    for each statement execute function study.append_only();

-- A payload may only vanish whole, and only inside the audited erasure, which names the reading.
create function study.only_erasure() returns trigger
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    if new.payload is null and new.nonce is null and (new.reading, new.seq) = (old.reading, old.seq)
       and current_setting('study.erasing', true) = old.reading::text then
        return new;
    end if;
    raise exception using errcode = 'RS403', message = 'A payload is not changed; it can be erased by withdrawal alone.';
end $$;
create trigger only_erasure before update on study.event_payloads
    for each row execute function study.only_erasure();

-- One event: the row, its payload, the reading's head. The caller holds the reading's row lock and passes the row as it is now.
create function study.record(r study.readings, kind text, step integer, at timestamptz, payload jsonb, client jsonb,
                             request_id uuid) returns study.readings
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    nonce bytea := uuid_send(gen_random_uuid());
    words text := coalesce(payload, '{}')::text;
    browser text := coalesce(client, '{}')::text;
    sealed text;
    link text;
    actor uuid := study.caller();
begin
    -- What the browser tells of itself is no place for words: it stays when payloads are erased.
    perform study.check_that(jsonb_typeof(coalesce(client, '{}')) = 'object' and length(browser) <= 2000, 'RS400',
        'The client''s times are an object of at most 2,000 characters.');
    sealed := encode(sha256(nonce || convert_to(words, 'UTF8')), 'hex');
    r.last_at := greatest(at, r.last_at);
    r.count := r.count + 1;
    link := encode(study.digest(concat_ws(E'\n', 'readerstudy-event-1', r.reading, r.count, kind, step, r.attempt, actor, r.member,
        study.stamp(r.last_at), coalesce(request_id::text, ''), encode(study.digest(browser), 'hex'), sealed, r.head)), 'hex');
    insert into study.events (reading, seq, kind, step, attempt, actor, reader, at, request_id, client, payload_digest, previous, hash)
    values (r.reading, r.count, record.kind, record.step, r.attempt, actor, r.member, r.last_at, record.request_id, browser, sealed,
            r.head, link);
    insert into study.event_payloads (reading, seq, nonce, payload) values (r.reading, r.count, nonce, words);
    r.head := link;
    return r;
end $$;

-- The projection, written in the transaction of the events that it sums up.
create function study.project(r study.readings) returns void
language sql set search_path = ''
begin atomic
    update study.readings set state = r.state, step = r.step, attempt = r.attempt, completed_attempt = r.completed_attempt,
        head = r.head, count = r.count, last_at = r.last_at, opened_at = r.opened_at, deadline = r.deadline,
        limit_kind = r.limit_kind, paused_at = r.paused_at, begun_at = r.begun_at, locked_at = r.locked_at, visit = r.visit
    where readings.reading = r.reading;
end;

-- One event of the study's own chain. What a reader does about who they are is signed with their handle: their person stands in
-- the record of what they answered.
create function study.note(study uuid, kind text, body jsonb, signed uuid default null) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    s study.studies;
    words text := coalesce(body, '{}')::text;
    actor uuid := coalesce(signed, study.caller());
    moment timestamptz;
    link text;
begin
    select t.* into strict s from study.studies t where t.study = note.study for no key update;
    moment := greatest(clock_timestamp(), s.last_at);
    link := encode(study.digest(concat_ws(E'\n', 'readerstudy-study-1', s.study, s.count + 1, kind, actor, study.stamp(moment),
        encode(study.digest(words), 'hex'), s.head)), 'hex');
    insert into study.study_events (study, seq, kind, actor, at, body, previous, hash)
    values (s.study, s.count + 1, note.kind, actor, moment, words, s.head, link);
    update study.studies t set head = link, count = s.count + 1, last_at = moment where t.study = s.study;
end $$;

-- Every reading's head and count, in order of reading id: what the study chain takes in, so that a cut tail shows.
create function study.heads(study uuid) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(jsonb_build_object('reading', r.reading, 'head', r.head, 'count', r.count) order by r.reading), '[]')
    from study.readings r where r.study = heads.study;
end;
