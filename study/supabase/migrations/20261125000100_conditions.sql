-- Conditions under which models read beside the main one, each fixed with the protocol: other forms of the evidence, a context that
-- is not carried, an instruction that names a type of evidence. A member is one sample of a model in one condition.
alter table study.members
    add column condition text not null default 'main',
    drop constraint members_study_model_sample_key,
    add constraint members_study_model_condition_sample_key unique (study, model, condition, sample);

-- The random words that stand in the place of a text, drawn when the study is set up: as many as the text has, from other cases.
create table study.random_texts (
    study uuid not null,
    case_key text not null,
    id text not null,
    text text not null,
    primary key (study, case_key, id),
    foreign key (study, case_key, id) references study.evidence (study, case_key, id)
);
alter table study.random_texts enable row level security;

create function desk.add_random_texts(study uuid, items jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, items);
    reply jsonb := study.repeated(somebody, request_id, 'add_random_texts', arguments);
begin
    perform study.coordinated(study, 'draft');
    if reply is not null then return reply; end if;
    perform study.check_that(jsonb_typeof(items) = 'array' and jsonb_array_length(items) between 1 and 1000, 'RS400',
        'A call takes 1 to 1,000 random texts.');
    insert into study.random_texts (study, case_key, id, text)
    select add_random_texts.study, i ->> 'case', i ->> 'id', i ->> 'text' from jsonb_array_elements(items) as i;
    perform study.note(study, 'random_texts', jsonb_build_object('texts', jsonb_array_length(items),
        'digest', encode(study.digest(items::text), 'hex')));
    return study.keep(somebody, request_id, 'add_random_texts', arguments, jsonb_build_object('texts', jsonb_array_length(items)));
end $$;
select study.publish('add_random_texts', 'authenticated');

create or replace function study.blocks(r study.readings) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(study.in_form(e.block, x.form)
        || case when x.form = 'random' then jsonb_build_object('text', w.text) else '{}' end
        || jsonb_build_object('step', x.step, 'shown_at', s.at) order by x.step, x.place), '[]')
    from study.released(r) x
    join study.evidence e on e.study = r.study and e.case_key = r.case_key and e.id = x.id
    left join study.random_texts w on w.study = r.study and w.case_key = r.case_key and w.id = x.id
    left join study.events s on s.reading = r.reading and s.kind = 'shown' and s.step = x.step and s.attempt = r.attempt;
end;

-- A reading in which a model gave no answer that counts: it is neither completed nor missing.
alter table study.readings drop constraint readings_state_check, add constraint readings_state_check check (state in
    ('assigned', 'reading', 'paused', 'completed', 'skipped', 'withdrawn', 'excluded', 'technical', 'failed'));
alter table study.readings drop column sign;
alter table study.readings add column sign text not null generated always as (repeat('.', blanks) || case state when 'assigned' then 'a'
    when 'reading' then 'r' when 'paused' then 'p' when 'completed' then 'c' when 'skipped' then 's' when 'withdrawn' then 'w'
    when 'excluded' then 'x' when 'failed' then 'f' else 't' end) stored;
create index on study.readings (study, member, place) include (sign);
alter table study.events drop constraint events_kind_check, add constraint events_kind_check check (kind in ('begun', 'shown', 'ready',
    'locked', 'late', 'timed_out', 'skipped', 'flagged', 'paused', 'resumed', 'revisited', 'reopened', 'withdrawn', 'completed', 'failed'));

-- A function with one more argument is another function: the old one goes, with its wrapper.
drop function api.enrol_model(uuid, text, jsonb, integer, uuid);
drop function desk.enrol_model(uuid, text, jsonb, integer, uuid);
create function desk.enrol_model(study uuid, name text, details jsonb, samples integer, request_id uuid,
    condition text default 'main') returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
    arguments jsonb := case condition when 'main' then jsonb_build_array(study, name, details, samples)
        else jsonb_build_array(study, name, details, samples, condition) end;
    reply jsonb := study.repeated(runner.person, request_id, 'enrol_model', arguments);
    there integer;
    m study.members;
begin
    if reply is not null then return reply; end if;
    perform study.check_that((select s.state in ('open', 'paused') from study.studies s where s.study = enrol_model.study), 'RS423',
        'Models join an open study.');
    perform study.check_that(name ~ '^[A-Za-z0-9][A-Za-z0-9._:/@ -]{0,99}$' and samples between 1 and 200, 'RS400',
        'A model''s name has at most 100 letters, digits and . _ : / @ - and a run has 1 to 200 samples.');
    -- The study's row lock keeps two runners from adding the same samples. Fewer samples than there are to be can be completed later.
    perform 1 from study.studies s where s.study = enrol_model.study for no key update;
    select coalesce(max(t.sample), 0) into there from study.members t where t.study = enrol_model.study and t.model = name
        and t.condition = enrol_model.condition;
    perform study.check_that(samples > there, 'RS409',
        format('The model %L takes part already in the condition %s, with %s samples.', name, condition, there));
    perform study.check_that(condition = 'main' or exists (select from study.allocations a where a.study = enrol_model.study
        and a.pool = 'models:' || condition), 'RS404', format('The study''s protocol has no condition %L.', condition));
    for number in there + 1 .. samples loop
        insert into study.members (study, role, kind, pseudonym, state, model, sample, details, condition)
        values (enrol_model.study, 'reader', 'model', name || case condition when 'main' then '' else '@' || condition end || '#' || number,
            'consented', name, number, enrol_model.details, enrol_model.condition)
        returning * into m;
        perform study.allot(m, case condition when 'main' then 'models' else 'models:' || condition end);
    end loop;
    perform study.note(study, 'model_enrolled', jsonb_build_object('name', name, 'samples', samples, 'details', details,
        'condition', condition));
    return study.keep(runner.person, request_id, 'enrol_model', arguments, jsonb_build_object('name', name, 'samples', samples));
end $$;
select study.publish('enrol_model', 'authenticated');

create or replace function desk.model_readings(study uuid, name text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'runner');
    return (select coalesce(jsonb_agg(jsonb_build_object('member', m.member, 'name', m.model, 'sample', m.sample,
            'condition', m.condition, 'details', m.details,
            'readings', study.reading_rows(m.member)) order by m.model, m.condition, m.sample), '[]')
        from study.members m where m.study = model_readings.study and m.kind = 'model' and (name is null or m.model = name));
end $$;

-- For the analyst, with the condition in which a model read.
create or replace function desk.analysis(study uuid, after uuid, amount integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare s study.studies;
begin
    perform study.membership(study, 'analyst');
    select t.* into strict s from study.studies t where t.study = analysis.study;
    perform study.check_that(s.state = 'unblinded', 'RS423', 'Results are shown once the study is closed and unblinded.');
    perform study.check_that(amount between 1 and 1000, 'RS400', 'A chunk has 1 to 1,000 readings.');
    return (select coalesce(jsonb_agg(x.item order by x.reading), '[]') from (
        select r.reading, jsonb_build_object('reading', r.reading, 'reader', m.result_id, 'kind', m.kind, 'model', m.model, 'sample',
            m.sample, 'condition', m.condition,
            'case', r.case_key, 'translation_of', c.translation_of, 'specialty', c.specialty, 'language', c.language, 'position',
                r.position, 'arm', r.arm,
            'state', r.state, 'attempt', coalesce(r.completed_attempt, r.attempt),
            'answers', study.answers(jsonb_populate_record(r, jsonb_build_object('attempt', coalesce(r.completed_attempt, r.attempt)))),
            'options', (select coalesce(jsonb_agg(jsonb_build_object('label', chr(64 + o.place::integer), 'text',
                t.options -> o.index ->> 'text',
                'right', o.index = t.right_option) order by o.place), '[]') from unnest(r.option_order) with ordinality as o(index, place)),
            'diagnosis', t.diagnosis) as item
        from study.readings r
        join study.members m on m.member = r.member and not m.trial and m.state <> 'excluded'
        join study.cases c on c.study = r.study and c.key = r.case_key
        join study.truths t on t.study = r.study and t.case_key = r.case_key
        where r.study = s.study and not r.practice and (after is null or r.reading > after)
        order by r.reading limit amount) x);
end $$;
