-- A study, its cases with what must stay hidden apart, its people, and who reads what.
create table study.studies (
    study uuid primary key default gen_random_uuid(),
    slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    title text not null,
    state text not null default 'draft' check (state in ('draft', 'open', 'paused', 'closed', 'unblinded')),
    languages text[] not null,
    synthetic boolean not null,
    meta jsonb not null default '{}',
    seed bigint not null,
    protocol jsonb,
    protocol_hash text,
    texts jsonb not null default '{}',
    warnings jsonb not null default '{}',
    reasons jsonb not null default '{}',
    frozen_hash text,
    head text not null default repeat('0', 64),
    count integer not null default 0,
    last_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default clock_timestamp(),
    opened_at timestamptz,
    closed_at timestamptz,
    unblinded_at timestamptz
);

create table study.cases (
    study uuid not null references study.studies,
    key text not null,
    position integer not null,
    version text not null,
    language text not null,
    translation_of text,
    specialty text not null,
    synthetic boolean not null,
    practice boolean not null,
    hash text not null,
    content jsonb not null,
    primary key (study, key)
);

-- What a reader may see once it is shown to them: the blocks, in reveal order.
create table study.evidence (
    study uuid not null,
    case_key text not null,
    id text not null,
    position integer not null,
    block jsonb not null,
    primary key (study, case_key, id),
    foreign key (study, case_key) references study.cases (study, key)
);

-- What no reader's function reads before its time.
create table study.truths (
    study uuid not null,
    case_key text not null,
    diagnosis jsonb not null,
    options jsonb not null,
    right_option integer,
    primary key (study, case_key),
    foreign key (study, case_key) references study.cases (study, key)
);

create table study.media (
    study uuid not null references study.studies,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    mime text not null,
    width integer not null,
    height integer not null,
    bytes bigint not null,
    primary key (study, sha256)
);

create table study.scripts (
    study uuid not null references study.studies,
    hash text not null,
    content jsonb not null,
    primary key (study, hash)
);

-- One row of the plan is what one reader reads, in order; `pool` names the languages they declared, or 'models'.
create table study.allocations (
    study uuid not null references study.studies,
    pool text not null,
    row integer not null,
    plan jsonb not null,
    generator jsonb not null,
    member uuid,
    primary key (study, pool, row)
);

-- `handle` is what the coordinator's screens call somebody, `member` what the record calls them: neither tells the other.
create table study.members (
    member uuid primary key default gen_random_uuid(),
    handle uuid not null unique default gen_random_uuid(),
    study uuid not null references study.studies,
    person uuid references study.people (person),
    role text not null check (role in ('reader', 'coordinator', 'grader', 'analyst', 'runner')),
    kind text not null default 'human' check (kind in ('human', 'model')),
    pseudonym text not null,
    result_id text not null default 'P' || upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 8)),
    state text not null default 'invited'
        check (state in ('invited', 'joined', 'consented', 'declined', 'withdrawn', 'excluded')),
    trial boolean not null default false,
    languages text[] not null default '{}',
    profile jsonb not null default '{}',
    consent jsonb,
    consented_at timestamptz,
    instructed_at timestamptz,
    model text,
    sample integer,
    details jsonb not null default '{}',
    unique (study, pseudonym),
    unique (study, result_id),
    unique (study, model, sample)
);
create unique index on study.members (study, person, role) where person is not null;
create index on study.members (person);

create table study.invitations (
    invitation uuid primary key default gen_random_uuid(),
    member uuid not null references study.members,
    handle text not null unique check (handle ~ '^[0-9A-Z]{4}$'),
    code_hash text not null,
    created_at timestamptz not null default clock_timestamp(),
    redeemed_at timestamptz,
    revoked_at timestamptz
);
create index on study.invitations (member);

alter table study.studies enable row level security;
alter table study.cases enable row level security;
alter table study.evidence enable row level security;
alter table study.truths enable row level security;
alter table study.media enable row level security;
alter table study.scripts enable row level security;
alter table study.allocations enable row level security;
alter table study.members enable row level security;
alter table study.invitations enable row level security;

-- The caller's membership of a study in one of the roles; a study that is not theirs does not exist for them.
create function study.membership(study uuid, variadic roles text[]) returns study.members
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_variable
declare
    found_member study.members;
    somebody uuid := study.caller();
begin
    select m.* into found_member from study.members m
    where m.study = membership.study and m.person = somebody and m.role = any (roles)
    order by m.role limit 1;
    if found_member.member is null then
        if exists (select from study.members m where m.study = membership.study and m.person = somebody) then
            raise exception using errcode = 'RS403',
                message = 'Your role in this study does not allow this; it needs ' || array_to_string(roles, ' or ') || '.';
        end if;
        raise exception using errcode = 'RS404', message = 'There is no such study for you.';
    end if;
    return found_member;
end $$;

-- The study, locked for a change, after the caller was found to be one of its coordinators.
create function study.coordinated(study uuid, variadic states text[]) returns study.studies
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare s study.studies;
begin
    perform study.membership(coordinated.study, 'coordinator');
    select t.* into s from study.studies t where t.study = coordinated.study for no key update;
    if s.state <> all (states) then
        raise exception using errcode = 'RS423',
            message = format('The study is %s; this can be done only while it is %s.', s.state, array_to_string(states, ' or '));
    end if;
    return s;
end $$;
