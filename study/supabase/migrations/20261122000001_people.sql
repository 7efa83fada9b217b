-- Three schemas: `study` holds the tables, `desk` the definers, `api` one thin wrapper a definer. Nothing is granted by itself.
create schema study;
create schema desk;
create schema api;

-- Only the global form takes effect; a revoke that names a schema does nothing.
alter default privileges revoke execute on functions from public;
alter default privileges in schema study revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema study revoke all on functions from anon, authenticated, service_role;
alter default privileges in schema desk revoke all on functions from anon, authenticated, service_role;
alter default privileges in schema api revoke all on functions from anon, authenticated, service_role;

grant usage on schema api, desk to anon, authenticated;

-- A definer named to the world: its wrapper in `api` with the same arguments, and execute for the roles named, by name.
create function study.publish(function_name text, variadic roles text[]) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    made record;
    grantee text;
begin
    select p.oid, pg_get_function_arguments(p.oid) as arguments, pg_get_function_identity_arguments(p.oid) as signature,
           pg_get_function_result(p.oid) as result,
           coalesce((select string_agg(format('%1$I => %2$I.%1$I', a.name, function_name), ', ' order by a.place)
                     from unnest(p.proargnames) with ordinality as a(name, place)), '') as passed
    into strict made
    from pg_proc p where p.pronamespace = 'desk'::regnamespace and p.proname = function_name;
    execute format('create function api.%1$I(%2$s) returns %4$s language sql security invoker set search_path = '''''
                   ' as ''select desk.%1$I(%3$s)''', function_name, made.arguments, made.passed, made.result);
    execute format('revoke all on function desk.%1$I(%2$s) from public, anon, authenticated, service_role', function_name, made.signature);
    execute format('revoke all on function api.%1$I(%2$s) from public, anon, authenticated, service_role', function_name, made.signature);
    foreach grantee in array roles loop
        execute format('grant execute on function desk.%1$I(%2$s), api.%1$I(%2$s) to %3$I', function_name, made.signature, grantee);
    end loop;
end $$;

-- A refusal in one sentence. The codes: RS400 input, RS401 sign-in, RS403 not allowed, RS404 not found, RS409 conflict,
-- RS423 closed to writing, RS429 too many.
create function study.refuse(code text, sentence text) returns void
language plpgsql set search_path = ''
as $$ begin raise exception using errcode = code, message = sentence; end $$;

create function study.check_that(holds boolean, code text, sentence text) returns void
language plpgsql set search_path = ''
as $$ begin if holds is not true then raise exception using errcode = code, message = sentence; end if; end $$;

create table study.people (
    person uuid primary key default gen_random_uuid(),
    owner boolean not null default false,
    created_at timestamptz not null default clock_timestamp()
);

-- Who somebody is, apart from what they answered, so that it can be erased alone.
create table study.identities (
    member uuid primary key,
    name text,
    email text
);

create table study.sessions (
    token_hash bytea primary key,
    person uuid not null references study.people (person),
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null default clock_timestamp() + interval '30 days',
    ended_at timestamptz
);
create index on study.sessions (person);

-- Wrong tries by code handle and by client; five, then a pause.
create table study.tries (
    subject text primary key,
    wrong integer not null default 0,
    paused_until timestamptz
);

-- One row a request that wrote something: a repeat gets the same reply, the same id with other arguments is refused.
create table study.requests (
    actor uuid not null,
    request_id uuid not null,
    function text not null,
    arguments bytea not null,
    reply jsonb not null,
    at timestamptz not null default clock_timestamp(),
    primary key (actor, request_id)
);

alter table study.people enable row level security;
alter table study.identities enable row level security;
alter table study.sessions enable row level security;
alter table study.tries enable row level security;
alter table study.requests enable row level security;

create function study.caller() returns uuid
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_variable
begin
    if auth.uid() is null then
        raise exception using errcode = 'RS401', message = 'You are not signed in. Sign in with your invitation code.';
    end if;
    return auth.uid();
end $$;

create function study.digest(words text) returns bytea
language sql immutable set search_path = ''
begin atomic
    select sha256(convert_to(words, 'UTF8'));
end;

-- The stored reply of a request that was answered before, or null; until the transaction ends no twin of it can run.
create function study.repeated(actor uuid, request_id uuid, function text, arguments jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare earlier study.requests;
begin
    perform study.check_that(request_id is not null, 'RS400', 'The request has no request_id; give each write a uuid of its own.');
    perform pg_advisory_xact_lock(hashtextextended(actor::text || request_id::text, 7));
    select q.* into earlier from study.requests q where q.actor = repeated.actor and q.request_id = repeated.request_id;
    if not found then return null; end if;
    if earlier.function <> function or earlier.arguments <> study.digest(arguments::text) then
        raise exception using errcode = 'RS409',
            message = 'This request id was used before for something else; a new request needs a new id.';
    end if;
    return earlier.reply;
end $$;

create function study.keep(actor uuid, request_id uuid, function text, arguments jsonb, reply jsonb) returns jsonb
language sql set search_path = ''
begin atomic
    insert into study.requests (actor, request_id, function, arguments, reply)
    values (keep.actor, keep.request_id, keep.function, study.digest(keep.arguments::text), keep.reply)
    returning reply;
end;

-- In the box alone: turns a session token into the claims of this transaction and says which role to take.
create function desk.assume(token text) returns text
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare somebody uuid;
begin
    if token is not null and token <> '' then
        select s.person into somebody from study.sessions s
        where s.token_hash = study.digest(token) and s.ended_at is null and s.expires_at > now();
    end if;
    if somebody is null then
        perform set_config('request.jwt.claims', '{"role": "anon"}', true);
        return 'anon';
    end if;
    perform set_config('request.jwt.claims', jsonb_build_object(
        'sub', somebody, 'role', 'authenticated', 'token_hash', encode(study.digest(token), 'hex'))::text, true);
    return 'authenticated';
end $$;
revoke all on function desk.assume(text) from public, anon, authenticated, service_role;
grant execute on function desk.assume(text) to authenticator;
grant usage on schema desk, api to authenticator;

-- In the box alone, called by its supervisor: the person who owns the data folder, and a session for the folder's secret.
create function desk.ensure_owner(token_hash bytea) returns uuid
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare owner_id uuid;
begin
    lock table study.people in share row exclusive mode;
    select p.person into owner_id from study.people p where p.owner order by p.created_at limit 1;
    if owner_id is null then
        insert into study.people (owner) values (true) returning person into owner_id;
    end if;
    insert into study.sessions (token_hash, person, expires_at) values (ensure_owner.token_hash, owner_id, 'infinity')
    on conflict on constraint sessions_pkey do update set ended_at = null;
    return owner_id;
end $$;
revoke all on function desk.ensure_owner(bytea) from public, anon, authenticated, service_role;

create function desk.about() returns jsonb
language sql stable security definer set search_path = ''
begin atomic
    select jsonb_build_object('schema', '1', 'now', clock_timestamp());
end;
select study.publish('about', 'anon', 'authenticated');
