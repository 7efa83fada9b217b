-- A study lives in one place. One that is leaving for another record, or has left, or is still arriving from one, takes no acts.
alter table study.studies
    add column moved_to text,
    add column moved_as uuid;

-- What comes from another record: under way until `ended_at`; `arrival` is what the other side's chain names.
create table study.arrivals (
    study uuid primary key,
    slug text not null unique,
    arrival uuid not null default gen_random_uuid(),
    origin text not null,
    person uuid not null,
    begun_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz
);
alter table study.arrivals enable row level security;

create function study.is_arriving(study uuid) returns boolean
language sql stable set search_path = ''
begin atomic
    select exists (select from study.arrivals a where a.study = is_arriving.study and a.ended_at is null);
end;

create function study.coordinates(study uuid) returns boolean
language sql stable set search_path = ''
begin atomic
    select exists (select from study.members c where c.study = coordinates.study and c.person = auth.uid() and c.role = 'coordinator');
end;

-- Refuses what a study that is not, or not only, here would have to know of. Readers are not told where the other place is.
create function study.check_here(s study.studies) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    if s.moved_to is not null or study.is_arriving(s.study) then
        raise exception using errcode = 'RS423', message = case when study.coordinates(s.study)
            then format('The study was moved to %s: this is done there.', s.moved_to)
            else 'The study is being moved, or was moved, to another place. Ask its coordinator where it goes on.' end;
    end if;
end $$;

-- One event of the study's own chain. What a reader does about who they are is signed with their handle: their person stands in
-- the record of what they answered. Of a study that was moved a coordinator can still export and link what stayed here, withdraw
-- somebody whose answers may not stay, and end somebody's access.
create or replace function study.note(study uuid, kind text, body jsonb, signed uuid default null) returns void
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
    if kind not in ('exported', 'linked', 'withdrawn', 'removed') or not study.coordinates(s.study) then
        perform study.check_here(s);
    end if;
    moment := greatest(clock_timestamp(), s.last_at);
    link := encode(study.digest(concat_ws(E'\n', 'readerstudy-study-1', s.study, s.count + 1, kind, actor, study.stamp(moment),
        encode(study.digest(words), 'hex'), s.head)), 'hex');
    insert into study.study_events (study, seq, kind, actor, at, body, previous, hash)
    values (s.study, s.count + 1, note.kind, actor, moment, words, s.head, link);
    update study.studies t set head = link, count = s.count + 1, last_at = moment where t.study = s.study;
end $$;

create or replace function study.coordinated(study uuid, variadic states text[]) returns study.studies
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare s study.studies;
begin
    perform study.membership(coordinated.study, 'coordinator');
    select t.* into s from study.studies t where t.study = coordinated.study for no key update;
    perform study.check_here(s);
    if s.state <> all (states) then
        raise exception using errcode = 'RS423',
            message = format('The study is %s; this can be done only while it is %s.', s.state, array_to_string(states, ' or '));
    end if;
    return s;
end $$;

-- The first time counts, and the same again changes nothing: the request id is not kept.
create or replace function desk.instructed(study uuid, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare m study.members := study.membership(study, 'reader');
begin
    perform study.check_here(s) from study.studies s where s.study = m.study;
    update study.members t set instructed_at = coalesce(t.instructed_at, clock_timestamp()) where t.member = m.member
        and t.state = 'consented';
    perform study.check_that(found, 'RS403', 'The instructions come after the consent.');
    return '{}'::jsonb;
end $$;

create or replace function desk.save_telemetry(reading uuid, step integer, attempt integer, tab text, number bigint, body jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading(reading, true);
begin
    perform study.check_that(length(body::text) <= 8000 and length(tab) <= 64, 'RS400',
        'A piece of telemetry has at most 8,000 characters.');
    perform study.check_that(attempt = r.attempt and step between -1 and r.step, 'RS409', 'This step is not on the screen.');
    perform study.check_that((select s.moved_to is null from study.studies s where s.study = r.study), 'RS423',
        'The study was moved to another place; nothing more is kept of it here.');
    perform study.check_that((select count(*) < 5000 from study.telemetry t where t.reading = r.reading), 'RS429',
        'This reading has sent all the telemetry that is kept.');
    insert into study.telemetry (reading, step, attempt, tab, number, body)
    values (r.reading, save_telemetry.step, r.attempt, save_telemetry.tab, save_telemetry.number, save_telemetry.body)
    on conflict on constraint telemetry_pkey do nothing;
    return jsonb_build_object('saved_at', clock_timestamp());
end $$;

-- Two studies from different records can have codes that begin alike: the whole code tells them apart, and new ones begin anew.
alter table study.invitations
    drop constraint invitations_handle_key,
    add constraint invitations_code_key unique (handle, code_hash);

create or replace function study.issue(member uuid, code_handle text, code_hash text) returns uuid
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare made uuid;
begin
    perform study.check_that(code_handle ~ '^[0-9A-HJKMNP-TV-Z]{4}$' and issue.code_hash ~ '^[0-9a-f]{64}$', 'RS400',
        'A code''s handle is four characters of Crockford''s base 32 and its hash a SHA-256 in hex.');
    perform pg_advisory_xact_lock(hashtextextended(code_handle, 23));
    perform study.check_that(not exists (select from study.invitations i where i.handle = code_handle), 'RS409',
        'A code with this beginning is in use; draw another.');
    update study.invitations i set revoked_at = clock_timestamp() where i.member = issue.member and i.revoked_at is null;
    insert into study.invitations (member, handle, code_hash) values (issue.member, code_handle, issue.code_hash)
    returning invitation into made;
    return made;
end $$;

-- Everything that waits for the address: ownership, and invitations that a coordinator recorded under it.
create or replace function study.take_up(somebody uuid) returns integer
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    address text := study.confirmed_email();
    m study.members;
    taken integer := 0;
begin
    if address is null then return 0; end if;
    update study.people p set owner = true where p.person = somebody and not p.owner
        and exists (select from study.owners o where o.email = address);
    for m in select t.* from study.members t join study.identities d on d.member = t.member
        join study.studies s on s.study = t.study and s.moved_to is null and not study.is_arriving(s.study)
        where t.person is null and t.state = 'invited' and lower(btrim(d.email)) = address
        and exists (select from study.invitations i where i.member = t.member and i.revoked_at is null)
        order by t.member for update of t loop
        taken := taken + study.join_as(m, somebody, 'email')::integer;
    end loop;
    return taken;
end $$;

-- The box's own door. Somebody whose study came from elsewhere, and who had consented there, goes on where they were.
create or replace function desk.sign_in(code text, token_hash text, client text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    plain text := translate(upper(regexp_replace(coalesce(code, ''), '[^0-9A-Za-z]', '', 'g')), 'OIL', '011');
    subjects text[] := array['code:' || left(plain, 4), 'client:' || left(coalesce(client, ''), 64)];
    found_invitation study.invitations;
    found_member study.members;
    answer jsonb;
    left_over integer;
begin
    perform study.check_that(study.in_the_box(), 'RS403', 'Here one signs in by e-mail; the invitation code is asked for after that.');
    perform study.check_that(token_hash ~ '^[0-9a-f]{64}$', 'RS400', 'The session token''s hash is not a SHA-256 in hex.');
    answer := study.paused(subjects);
    if answer is not null then return answer; end if;
    select i.* into found_invitation from study.invitations i
    where i.handle = left(plain, 4) and i.code_hash = encode(study.digest(plain), 'hex') and i.revoked_at is null;
    if found_invitation.invitation is null then
        select min(study.wrong_try(s)) into left_over from unnest(subjects) as s;
        return jsonb_build_object('ok', false, 'reason', 'unknown', 'retry_at', null, 'tries_left', left_over);
    end if;
    delete from study.tries t where t.subject = any (subjects);
    select m.* into strict found_member from study.members m where m.member = found_invitation.member for update;
    if found_member.person is null then
        insert into study.people default values returning person into found_member.person;
        update study.members m set person = found_member.person, state = case when m.state = 'invited' then 'joined' else m.state end
        where m.member = found_member.member;
        update study.invitations i set redeemed_at = clock_timestamp() where i.invitation = found_invitation.invitation;
        perform study.note(found_member.study, 'joined', jsonb_build_object('member', found_member.handle), found_member.handle);
    end if;
    insert into study.sessions (token_hash, person) values (decode(sign_in.token_hash, 'hex'), found_member.person);
    return jsonb_build_object('ok', true, 'person', found_member.person);
end $$;
