-- Sessions of people whom Supabase Auth knows. Every function of the record asks for a session that has not ended: an access token
-- alone, which outlives its sign-out there, opens nothing.

alter table study.sessions
    add column auth_session uuid unique,
    add column sealed text,
    add column sealed_at timestamptz,
    add column lease uuid,
    add column leased_until timestamptz;

-- Whom the project's own administrator named as owner, by address, until they sign in.
create table study.owners (
    email text primary key check (email = lower(btrim(email)) and email like '%_@_%'),
    appointed_at timestamptz not null default clock_timestamp()
);
alter table study.owners enable row level security;

-- Run by the project's administrator in its SQL editor; execute is granted to nobody.
create function study.appoint_owner(email text) returns text
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    insert into study.owners (email) values (lower(btrim(appoint_owner.email))) on conflict on constraint owners_pkey do nothing;
    return format('%s owns the studies of this project once signed in.', lower(btrim(email)));
end $$;

-- Whether this database is one in the box, where invitation codes alone sign in and the wire's own functions run.
create function study.in_the_box() returns boolean
language sql stable set search_path = ''
begin atomic
    select to_regprocedure('auth.in_the_box()') is not null;
end;

-- The session in which the caller's claims were given, as long as it lasts.
create function study.live_session() returns study.sessions
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_variable
declare
    claims jsonb := auth.jwt();
    found_session study.sessions;
begin
    if claims ? 'token_hash' then
        select s.* into found_session from study.sessions s where s.token_hash = decode(claims ->> 'token_hash', 'hex');
    elsif claims ? 'session_id' then
        select s.* into found_session from study.sessions s where s.auth_session = (claims ->> 'session_id')::uuid;
    end if;
    if found_session.person is distinct from auth.uid() or found_session.ended_at is not null
       or found_session.expires_at <= now() then
        return null;
    end if;
    return found_session;
end $$;

create or replace function study.caller() returns uuid
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_variable
declare somebody uuid := (study.live_session()).person;
begin
    if somebody is null then
        raise exception using errcode = 'RS401', message = 'You are not signed in, or your session has ended. Sign in again.';
    end if;
    return somebody;
end $$;

-- The address that Supabase Auth has confirmed to be the caller's; null where there is none.
create function study.confirmed_email() returns text
language sql stable set search_path = ''
begin atomic
    select lower(u.email) from auth.users u
    where u.id = auth.uid() and u.email_confirmed_at is not null and lower(u.email) = lower(auth.jwt() ->> 'email')
    and coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) is false;
end;

-- Binds an invitation to somebody who has shown that it is theirs; how, is in the chain.
create function study.join_as(m study.members, somebody uuid, how text) returns boolean
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    if m.person is not null or exists (select from study.members o
        where o.study = m.study and o.role = m.role and o.person = somebody) then
        return false;
    end if;
    update study.members t set person = somebody, state = case when t.state = 'invited' then 'joined' else t.state end
    where t.member = m.member;
    update study.invitations i set redeemed_at = clock_timestamp() where i.member = m.member and i.revoked_at is null;
    perform study.note(m.study, 'joined', jsonb_build_object('member', m.handle, 'by', how), m.handle);
    return true;
end $$;

-- Everything that waits for the address: ownership, and invitations that a coordinator recorded under it.
create function study.take_up(somebody uuid) returns integer
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
        where t.person is null and t.state = 'invited' and lower(btrim(d.email)) = address
        and exists (select from study.invitations i where i.member = t.member and i.revoked_at is null)
        order by t.member for update of t loop
        taken := taken + study.join_as(m, somebody, 'email')::integer;
    end loop;
    return taken;
end $$;

-- Begins a session of whoever Supabase Auth has just signed in. `token_hash` is that of the browser's cookie; `sealed` holds the
-- refresh token under a key that never comes here. The same again is the same session.
create function desk.enter(token_hash text, sealed text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := auth.uid();
    given uuid := (auth.jwt() ->> 'session_id')::uuid;
    earlier study.sessions;
begin
    perform study.check_that(somebody is not null and given is not null
        and coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) is false, 'RS401', 'You are not signed in. Sign in first.');
    perform study.check_that(token_hash ~ '^[0-9a-f]{64}$' and length(coalesce(sealed, '')) <= 20000, 'RS400',
        'The session token''s hash is not a SHA-256 in hex, or what is sealed is too long.');
    perform pg_advisory_xact_lock(hashtextextended(somebody::text, 19));
    select s.* into earlier from study.sessions s where s.auth_session = given;
    perform study.check_that(earlier.ended_at is null and coalesce(earlier.expires_at > now(), true), 'RS401',
        'This session has ended. Sign in again.');
    perform study.check_that(earlier.person is null
        or (earlier.person, earlier.token_hash) = (somebody, decode(enter.token_hash, 'hex')), 'RS409',
        'This sign-in has begun a session already. Sign in again for another.');
    insert into study.people (person) values (somebody) on conflict on constraint people_pkey do nothing;
    insert into study.sessions (token_hash, person, auth_session, sealed, sealed_at)
    values (decode(enter.token_hash, 'hex'), somebody, given, enter.sealed, clock_timestamp())
    on conflict on constraint sessions_pkey do nothing;
    return jsonb_build_object('person', somebody, 'joined', study.take_up(somebody));
end $$;
select study.publish('enter', 'authenticated');

-- The live session of a cookie: whoever has its 256 bits may have what is sealed, which only our own processes can open.
create function study.session_of(token text) returns study.sessions
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare found_session study.sessions;
begin
    select s.* into found_session from study.sessions s
    where s.token_hash = study.digest(token) and s.ended_at is null and s.expires_at > now() and s.sealed is not null for update;
    perform study.check_that(found_session.person is not null, 'RS401',
        'You are not signed in, or your session has ended. Sign in again.');
    return found_session;
end $$;

-- What is sealed for a session and, where `lease` is given, the right to renew it for a quarter of a minute: of several replicas
-- that find the same access token spent, one holds the lease and the others ask again.
create function desk.session_tokens(token text, lease uuid default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    s study.sessions := study.session_of(token);
    held boolean := lease is not null and (s.lease is null or s.lease = lease or s.leased_until < clock_timestamp());
begin
    if held then
        update study.sessions t set lease = session_tokens.lease, leased_until = clock_timestamp() + interval '15 seconds'
        where t.token_hash = s.token_hash;
    end if;
    return jsonb_build_object('sealed', s.sealed, 'age', extract(epoch from clock_timestamp() - s.sealed_at), 'held', held);
end $$;
select study.publish('session_tokens', 'anon', 'authenticated');

-- Keeps what was renewed under a lease; a lease that another has taken since is void.
create function desk.renew_session(token text, lease uuid, sealed text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare s study.sessions := study.session_of(token);
begin
    if s.sealed = sealed then return jsonb_build_object('sealed_at', s.sealed_at); end if;  -- the same again
    perform study.check_that(lease is not null and s.lease = lease, 'RS409', 'Another process has taken this session''s lease.');
    perform study.check_that(length(sealed) between 1 and 20000, 'RS400', 'What is sealed has 1 to 20,000 characters.');
    update study.sessions t set sealed = renew_session.sealed, sealed_at = clock_timestamp(), lease = null, leased_until = null
    where t.token_hash = s.token_hash;
    return jsonb_build_object('sealed_at', clock_timestamp());
end $$;
select study.publish('renew_session', 'anon', 'authenticated');

create or replace function desk.sign_out() returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    s study.sessions := study.live_session();
begin
    update study.sessions t set ended_at = clock_timestamp(), sealed = null where t.token_hash = s.token_hash and t.person = somebody;
    return '{}'::jsonb;
end $$;

-- The pause that tries at these subjects have earned, as an answer; null where there is none.
create function study.paused(subjects text[]) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare pause_end timestamptz;
begin
    -- Tries at the same code, or of the same client, wait for one another: many at once count as many.
    perform pg_advisory_xact_lock(hashtextextended(s, 11)) from (select unnest(subjects) as s order by 1) as ordered;
    select max(t.paused_until) into pause_end from study.tries t
    where t.subject = any (subjects) and t.paused_until > clock_timestamp();
    return case when pause_end is not null
        then jsonb_build_object('ok', false, 'reason', 'paused', 'retry_at', pause_end, 'tries_left', 0) end;
end $$;

-- Takes up an invitation by its code, as whoever is signed in. A wrong code is an answer, as it is at the door of the box.
create function desk.redeem(code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    plain text := translate(upper(regexp_replace(coalesce(code, ''), '[^0-9A-Za-z]', '', 'g')), 'OIL', '011');
    subjects text[] := array['code:' || left(plain, 4), 'person:' || somebody];
    answer jsonb := study.paused(subjects);
    m study.members;
    left_over integer;
begin
    if answer is not null then return answer; end if;
    select t.* into m from study.members t join study.invitations i on i.member = t.member
    where i.handle = left(plain, 4) and i.code_hash = encode(study.digest(plain), 'hex') and i.revoked_at is null for update of t;
    if m.member is null or m.person <> somebody or (m.person is null and not study.join_as(m, somebody, 'code')) then
        select min(study.wrong_try(s)) into left_over from unnest(subjects) as s;
        return jsonb_build_object('ok', false, 'reason', 'unknown', 'retry_at', null, 'tries_left', left_over);
    end if;
    delete from study.tries t where t.subject = any (subjects);
    return jsonb_build_object('ok', true, 'person', somebody);
end $$;
select study.publish('redeem', 'authenticated');

-- The box's own door, and further sessions of its own: on Supabase nobody signs in by a code alone.
create or replace function desk.another_session(token_hash text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare somebody uuid := study.caller();
begin
    perform study.check_that(study.in_the_box(), 'RS403', 'A further session is begun by signing in again.');
    perform study.check_that(token_hash ~ '^[0-9a-f]{64}$', 'RS400', 'The session token''s hash is not a SHA-256 in hex.');
    insert into study.sessions (token_hash, person) values (decode(another_session.token_hash, 'hex'), somebody);
    return jsonb_build_object('person', somebody);
end $$;

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
        update study.members m set person = found_member.person, state = 'joined' where m.member = found_member.member;
        update study.invitations i set redeemed_at = clock_timestamp() where i.invitation = found_invitation.invitation;
        perform study.note(found_member.study, 'joined', jsonb_build_object('member', found_member.handle), found_member.handle);
    end if;
    insert into study.sessions (token_hash, person) values (decode(sign_in.token_hash, 'hex'), found_member.person);
    return jsonb_build_object('ok', true, 'person', found_member.person);
end $$;
