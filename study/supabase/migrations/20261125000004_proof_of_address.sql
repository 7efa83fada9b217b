-- Whose address it is. Supabase Auth lets anybody open an account under anybody's address with a password of their own; once the
-- address's owner confirms it by a code, that password would sign in as them. So a password counts here only after it was set by
-- somebody who had signed in with a code from that very mailbox, which puts theirs in the place of any other.
alter table study.sessions add column began text check (began in ('mail', 'password'));
alter table study.people add column password_at timestamptz;

-- How the caller's sign-in was proven, by their access token: by something that only the address's mailbox had, or by a password.
create function study.began() returns text
language sql stable set search_path = ''
begin atomic
    select case when bool_or(a ->> 'method' in ('otp', 'magiclink', 'email/signup', 'recovery', 'invite')) then 'mail'
        when bool_or(a ->> 'method' = 'password') then 'password' end
    from jsonb_array_elements(case when jsonb_typeof(auth.jwt() -> 'amr') = 'array' then auth.jwt() -> 'amr' else '[]' end) as a
    where jsonb_typeof(a) = 'object';
end;

create or replace function desk.enter(token_hash text, sealed text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := auth.uid();
    given uuid := (auth.jwt() ->> 'session_id')::uuid;
    began text := study.began();
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
    perform study.check_that(began = 'mail' or began = 'password' and exists (select from study.people p
        where p.person = somebody and p.password_at is not null), 'RS403',
        'This password was never set here. Sign in with a code sent to your address; you can set a password after that.');
    insert into study.people (person) values (somebody) on conflict on constraint people_pkey do nothing;
    insert into study.sessions (token_hash, person, auth_session, sealed, sealed_at, began)
    values (decode(enter.token_hash, 'hex'), somebody, given, enter.sealed, clock_timestamp(), began)
    on conflict on constraint sessions_pkey do nothing;
    return jsonb_build_object('person', somebody, 'joined', study.take_up(somebody));
end $$;

-- Notes that whoever is signed in has set a password, in a session that their mailbox began.
create function desk.password_set() returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
begin
    perform study.check_that((study.live_session()).began = 'mail', 'RS403',
        'A password is set after signing in with a code sent to your address. Sign in again with a code.');
    update study.people p set password_at = clock_timestamp() where p.person = somebody;
    return jsonb_build_object('at', clock_timestamp());
end $$;
select study.publish('password_set', 'authenticated');
