-- A model's answer that a reading shows once its reader's own answers are locked. It is fixed before the study opens: a script names it
-- by hash, this table holds its words, and a reading's own record keeps what was shown. No reader's function reads the table itself.
create table study.advice (
    study uuid not null,
    case_key text not null,
    hash text not null,
    content text not null,
    primary key (study, case_key),
    foreign key (study, case_key) references study.cases (study, key)
);
alter table study.advice enable row level security;

-- Items of case, hash and content, whose words are hashed as they are. The option that a model chose stands there in its words: the
-- place that it has among the options as written would tell as much as the key.
create function desk.add_advice(study uuid, items jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, items);
    reply jsonb := study.repeated(somebody, request_id, 'add_advice', arguments);
    wrong text;
begin
    perform study.coordinated(study, 'draft');
    if reply is not null then return reply; end if;
    perform study.check_that(jsonb_typeof(items) = 'array' and jsonb_array_length(items) between 1 and 200, 'RS400',
        'A call takes 1 to 200 pieces of advice.');
    select string_agg(coalesce(i ->> 'case', 'one without a case'), ', ') into wrong from jsonb_array_elements(items) as i
    where (length(i ->> 'content') <= 20000 and encode(study.digest(i ->> 'content'), 'hex') = i ->> 'hash') is not true;
    perform study.check_that(wrong is null, 'RS400',
        format('Advice has at most 20,000 characters and the hash of its words; this one has not: %s.', wrong));
    select string_agg(i ->> 'case', ', ') into wrong from jsonb_array_elements(items) as i
    where (i ->> 'content')::jsonb ->> 'case' is distinct from i ->> 'case' or not exists (
        select from study.truths t where t.study = add_advice.study and t.case_key = i ->> 'case'
        and ((i ->> 'content')::jsonb #>> '{selection,option}' is null
            or t.options @> jsonb_build_array(jsonb_build_object('text', (i ->> 'content')::jsonb #> '{selection,option}'))));
    perform study.check_that(wrong is null, 'RS400',
        format('Advice is for a case of this study and chooses one of its options; this one does not: %s.', wrong));
    select string_agg(a.case_key, ', ') into wrong from study.advice a
    where a.study = add_advice.study and a.case_key in (select i ->> 'case' from jsonb_array_elements(items) as i);
    perform study.check_that(wrong is null, 'RS409', format('These cases have their advice already: %s.', wrong));
    insert into study.advice (study, case_key, hash, content)
    select add_advice.study, i ->> 'case', i ->> 'hash', i ->> 'content' from jsonb_array_elements(items) as i;
    perform study.note(study, 'advice_added', jsonb_build_object('hashes', (select jsonb_object_agg(i ->> 'case', i ->> 'hash')
        from jsonb_array_elements(items) as i)));
    return study.keep(somebody, request_id, 'add_advice', arguments, jsonb_build_object('advice', jsonb_array_length(items)));
end $$;
select study.publish('add_advice', 'authenticated');

-- What keeps a study from opening: cases that some reader is to be advised on without a script that shows advice or without the advice
-- that it names, by the model that the protocol names; and models that would be advised. Null where there is nothing.
create function study.unadvised(s study.studies) returns text
language sql stable set search_path = ''
begin atomic
    select string_agg(distinct e ->> 'case', ', ')
    from study.allocations a cross join lateral jsonb_array_elements(a.plan) as e
    join study.cases c on c.study = a.study and c.key = e ->> 'case'
    join study.scripts k on k.study = a.study and k.hash = e ->> 'script'
    left join lateral (select p.step from jsonb_array_elements(k.content -> 'steps') as p(step) where p.step ->> 'kind' = 'advice' limit 1)
        n on true
    left join study.advice d on d.study = a.study and d.case_key = c.key and d.hash = n.step ->> 'advice'
    where a.study = s.study and case
        when a.pool like 'models%' or c.practice or jsonb_typeof(s.protocol -> 'advice') is distinct from 'object'
            or not (s.protocol #> '{advice,arms}' = '[]' or s.protocol #> '{advice,arms}' ? (e ->> 'arm')) then n.step is not null
        else (d.content::jsonb ->> 'model' = s.protocol #>> '{advice,model}') is not true end;
end;

-- The advice of a step with the label that its option has in this reading.
create function study.advice_for(r study.readings, step jsonb) returns jsonb
language sql stable set search_path = ''
begin atomic
    select jsonb_build_object('advice', a.content::jsonb, 'label', (select chr(64 + o.place::integer) from study.truths t
            cross join lateral unnest(r.option_order) with ordinality as o(index, place)
            where t.study = r.study and t.case_key = r.case_key and t.options -> o.index ->> 'text' = a.content::jsonb #>> '{selection,option}'))
    from study.advice a where a.study = r.study and a.case_key = r.case_key and a.hash = step ->> 'advice';
end;

-- The advice that an attempt has shown, from the record of its release; null until then, and once its words are erased.
create function study.advice_shown(r study.readings, attempt integer, script jsonb) returns jsonb
language sql stable set search_path = ''
begin atomic
    select p.payload::jsonb -> 'advice' || jsonb_build_object('label', p.payload::jsonb -> 'label', 'step', e.step, 'at', e.at,
        'named', s.step -> 'named', 'hash', s.step -> 'advice')
    from jsonb_array_elements(script -> 'steps') with ordinality as s(step, place)
    join study.events e on e.reading = r.reading and e.attempt = advice_shown.attempt and e.kind = 'shown' and e.step = s.place - 1
    join study.event_payloads p on p.reading = e.reading and p.seq = e.seq and p.payload is not null
    where s.step ->> 'kind' = 'advice' limit 1;
end;

-- The same as the reader sees it: not which sample it was, and the model's name only where the protocol shows it.
create function study.advice_told(shown jsonb) returns jsonb
language sql immutable set search_path = ''
begin atomic
    select shown - '{format,case,sample,nonce,hash,named}'::text[] - case when (shown ->> 'named')::boolean then '' else 'model' end;
end;

create or replace function study.answers(r study.readings) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(jsonb_build_object('step', e.step, 'kind', c.content -> 'steps' -> e.step ->> 'kind',
        'answer', p.payload::jsonb - 'deadline', 'at', e.at, 'late', e.kind = 'late', 'timed_out', e.kind = 'timed_out') order by e.seq),
            '[]')
    from study.events e
    join study.event_payloads p on p.reading = e.reading and p.seq = e.seq
    join study.scripts c on c.study = r.study and c.hash = r.script
    where e.reading = r.reading and e.attempt = r.attempt and e.kind in ('locked', 'late', 'timed_out') and p.payload is not null
    and c.content -> 'steps' -> e.step ->> 'kind' not in ('show', 'advice');
end;

create or replace function study.page(r study.readings) returns jsonb
language sql stable set search_path = ''
begin atomic
    select jsonb_build_object(
        'reading', r.reading, 'study', r.study, 'state', r.state, 'step', r.step, 'steps', r.steps, 'attempt', r.attempt,
        'script', r.script, 'paused', r.state = 'paused', 'remaining', greatest(r.steps - 1 - r.step, 0),
        'case', study.label(r) || jsonb_build_object('language', c.language, 'synthetic', c.synthetic, 'practice', c.practice,
                                                     'specialty', c.specialty),
        'kinds', (select jsonb_agg(s ->> 'kind') from jsonb_array_elements(k.content -> 'steps') as s),
        'current', case when r.state in ('reading', 'paused') then k.content -> 'steps' -> r.step end,
        'blocks', case when r.state = 'paused' then '[]' else study.blocks(r) end,
        'advice', case when r.state <> 'paused' then study.advice_told(study.advice_shown(r, r.attempt, k.content)) end,
        'answers', a.answers,
        'options', study.labelled(r, k.content),
        'opened_at', r.opened_at, 'deadline', r.deadline, 'limit_kind', r.limit_kind,
        'draft', (select jsonb_build_object('step', d.step, 'body', d.body, 'saved_at', d.saved_at, 'tab', d.tab, 'number', d.number)
                  from study.drafts d where d.reading = r.reading and d.attempt = r.attempt and d.step >= r.step order by d.step limit 1),
        'previous', (select x.item -> 'answer' from jsonb_array_elements(a.answers) with ordinality as x(item, place)
                     where x.item ->> 'kind' = 'ddx' and not (x.item ->> 'late')::boolean order by x.place desc limit 1),
        'flags', (select coalesce(jsonb_agg(jsonb_build_object('kind', p.payload::jsonb -> 'kind', 'step', e.step) order by e.seq), '[]')
                  from study.events e join study.event_payloads p on p.reading = e.reading and p.seq = e.seq
                  where e.reading = r.reading and e.attempt = r.attempt and e.kind = 'flagged'),
        'now', clock_timestamp())
    from study.cases c join study.scripts k on k.study = r.study and k.hash = r.script
    cross join lateral (select study.answers(r) as answers offset 0) a
    where c.study = r.study and c.key = r.case_key;
end;

create or replace function study.check_answer(r study.readings, step jsonb, answer jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.check_that(jsonb_typeof(answer) = 'object' and length(answer::text) <= 20000, 'RS400',
        'An answer is an object of at most 20,000 characters.');
    case replace(step ->> 'kind', 'assisted-', '')
        when 'ddx' then perform study.check_differential(step, answer);
        when 'open' then perform study.check_open(step, answer);
        when 'selection' then perform study.check_selection(r, step, answer);
        when 'show' then perform study.check_that(answer = '{}', 'RS400', 'Evidence takes no answer.');
        when 'advice' then perform study.check_that(answer = '{}', 'RS400', 'Advice takes no answer.');
        else perform study.check_closing(answer);
    end case;
end $$;

create or replace function study.usable(r study.readings, step jsonb, draft jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
declare
    kept jsonb;
    task text := replace(step ->> 'kind', 'assisted-', '');
begin
    if task = 'selection' and draft ->> 'choice' is null and (draft ->> 'cannot_tell')::boolean is not true then
        return '{}'::jsonb;  -- not chosen yet is not "cannot tell"
    end if;
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') into kept from jsonb_each(draft) as x
    where x.key = any (case task when 'ddx' then '{lines,none,unchanged,confidence}'
        when 'open' then '{diagnosis,none,confidence}' when 'selection' then '{choice,confidence}'
        when 'closing' then '{seen_before,looked_up,comment}' else '{}' end::text[]);
    perform study.check_answer(r, step - 'confidence' - 'min_lines', kept);
    return kept;
exception when others then
    return '{}'::jsonb;
end $$;

-- Releases the step after the present one, or completes the reading; a limit's deadline counts from the release. What is recorded of a
-- release of advice is the advice itself: pages, exports and checks read it there.
create or replace function study.release(r study.readings, request_id uuid) returns study.readings
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    moment timestamptz := clock_timestamp();
    next_step jsonb;
    shown jsonb;
begin
    r.step := r.step + 1;
    r.deadline := null;
    r.limit_kind := null;
    if r.step >= r.steps then
        r := study.record(r, 'completed', r.step, moment, '{}', '{}', request_id);
        r.state := 'completed';
        r.opened_at := null;
        r.locked_at := r.last_at;
        r.completed_attempt := coalesce(r.completed_attempt, r.attempt);
        return r;
    end if;
    next_step := study.script_step(r, r.step);
    shown := jsonb_build_object('kind', next_step -> 'kind', 'evidence', coalesce(next_step -> 'evidence', '[]'));
    if next_step ->> 'kind' = 'advice' then
        shown := shown || study.advice_for(r, next_step);
        perform study.check_that(shown is not null, 'RS409', 'The advice that this script names is not there; tell your coordinator.');
    end if;
    r := study.record(r, 'shown', r.step, moment, shown, '{}', request_id);
    r.opened_at := r.last_at;
    if jsonb_typeof(next_step -> 'limit') = 'object' then
        r.limit_kind := next_step -> 'limit' ->> 'kind';
        r.deadline := r.opened_at + make_interval(secs => (next_step -> 'limit' ->> 'seconds')::double precision);
    end if;
    return r;
end $$;

-- Every diagnosis that anybody locked for a real case, or that a model gives as advice, once a case and wording, in an order that tells
-- nothing of its author.
create or replace function study.lines(study uuid) returns table (case_key text, line text)
language sql stable set search_path = ''
begin atomic
    select distinct w.case_key, btrim(l.line)
    from (
        select r.case_key, p.payload::jsonb as said
        from study.readings r
        join study.members m on m.member = r.member and not m.trial
        join study.events e on e.reading = r.reading and e.kind in ('locked', 'timed_out')
        join study.event_payloads p on p.reading = e.reading and p.seq = e.seq and p.payload is not null
        where r.study = lines.study and not r.practice and r.state not in ('excluded')
        union all select a.case_key, v.said from study.advice a
        cross join lateral (values (a.content::jsonb -> 'ddx'), (a.content::jsonb -> 'open')) as v(said)
        where a.study = lines.study and v.said is not null) w
    cross join lateral (
        select jsonb_array_elements_text(case when jsonb_typeof(w.said -> 'lines') = 'array' then w.said -> 'lines' else '[]' end)
        union all select w.said ->> 'diagnosis') as l(line)
    where btrim(coalesce(l.line, '')) <> '';
end;

-- Readers are told the rules, but not the name of a model that the protocol masks.
create or replace function desk.study_home(study uuid) returns json
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'reader');
    s study.studies;
begin
    select t.* into strict s from study.studies t where t.study = study_home.study;
    return json_build_object(
        'study', json_build_object('slug', s.slug, 'title', s.title, 'state', s.state, 'languages', s.languages, 'synthetic', s.synthetic,
            'meta', s.meta),
        'protocol', case when s.protocol #>> '{advice,named}' = 'false' then s.protocol #- '{advice,model}' else s.protocol end,
        'member', json_build_object('member', m.handle, 'pseudonym', m.pseudonym, 'state', m.state, 'languages', m.languages, 'profile',
            m.profile,
            'consent', m.consent, 'consented_at', m.consented_at, 'instructed_at', m.instructed_at, 'trial', m.trial),
        'texts', s.texts, 'readings', study.reading_rows(m.member), 'now', clock_timestamp());
end $$;

create or replace function desk.open_study(study uuid, warnings jsonb, reasons jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, warnings, reasons);
    reply jsonb := study.repeated(somebody, request_id, 'open_study', arguments);
    s study.studies;
    missing text;
begin
    if reply is not null then
        perform study.membership(study, 'coordinator');
        return reply;
    end if;
    s := study.coordinated(study, 'draft');
    perform study.check_that(s.protocol is not null, 'RS400', 'The study has no protocol; set one before opening.');
    perform study.check_that(exists (select from study.cases c where c.study = s.study and not c.practice), 'RS400',
        'The study has no cases beyond practice; add cases before opening.');
    perform study.check_that(exists (select from study.allocations a where a.study = s.study), 'RS400',
        'Nobody is allocated any case; add an allocation before opening.');
    missing := study.unadvised(s);
    perform study.check_that(missing is null, 'RS400', format('The model''s answers that the protocol shows are not all there, or not shown '
        'as it says, for these cases: %s. Set the study up again with the answers of that model.', missing));
    perform study.check_that(jsonb_array_length(study.missing_objects(s.study)) = 0, 'RS409',
        format('%s of the study''s images are not in the bucket; set the study up again, which goes on where it broke.',
               jsonb_array_length(study.missing_objects(s.study))));
    select string_agg(kind, ', ') into missing from jsonb_object_keys(warnings) as kind where coalesce(reasons ->> kind, '') = '';
    perform study.check_that(missing is null, 'RS400', format('The bundle has warnings of kind %s; give a reason for each kind.', missing));
    missing := study.undeclared(s);
    perform study.check_that(missing is null, 'RS400',
        format('A study of real cases does not open without these fields of study.yaml: %s.', missing));
    update study.studies t set state = 'open', opened_at = clock_timestamp(), frozen_hash = study.frozen(s.study),
        warnings = open_study.warnings, reasons = open_study.reasons where t.study = s.study;
    perform study.note(s.study, 'opened', jsonb_build_object('frozen', study.frozen(s.study), 'warnings', warnings, 'reasons', reasons,
        'heads', study.heads(s.study)));
    return study.keep(somebody, request_id, 'open_study', arguments, jsonb_build_object('state', 'open', 'frozen', study.frozen(s.study)));
end $$;

-- For the analyst, the advice that was shown too, its option under the reading's own label.
create function study.advice_given(r study.readings, attempt integer) returns jsonb
language sql stable set search_path = ''
begin atomic
    select jsonb_build_object('model', a.shown -> 'model', 'sample', a.shown -> 'sample', 'hash', a.shown -> 'hash', 'at', a.shown -> 'at')
        || case when a.shown ? 'ddx' then jsonb_build_object('ddx', a.shown -> 'ddx') else '{}' end
        || case when a.shown ? 'open' then jsonb_build_object('open', a.shown -> 'open') else '{}' end
        || case when a.shown ? 'selection' then jsonb_build_object('selection',
            jsonb_build_object('choice', a.shown -> 'label', 'confidence', a.shown #> '{selection,confidence}')) else '{}' end
    from study.scripts k cross join lateral (select study.advice_shown(r, attempt, k.content) as shown offset 0) a
    where k.study = r.study and k.hash = r.script and a.shown is not null;
end;

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
                r.position, 'arm', r.arm, 'published', c.content -> 'source' -> 'published',
            'state', r.state, 'attempt', a.counted,
            'answers', study.answers(jsonb_populate_record(r, jsonb_build_object('attempt', a.counted))),
            'advice', case when m.kind = 'human' then study.advice_given(r, a.counted) end,
            'distribution', case when m.kind = 'model' then study.distribution(r, a.counted) end,
            'outcome', case when r.state = 'failed' then study.failure(r, a.counted) end,
            'options', (select coalesce(jsonb_agg(jsonb_build_object('label', chr(64 + o.place::integer), 'text',
                t.options -> o.index ->> 'text',
                'right', o.index = t.right_option) order by o.place), '[]') from unnest(r.option_order) with ordinality as o(index, place)),
            'diagnosis', t.diagnosis) as item
        from study.readings r
        cross join lateral (select coalesce(r.completed_attempt, r.attempt) as counted) a
        join study.members m on m.member = r.member and not m.trial and m.state <> 'excluded'
        join study.cases c on c.study = r.study and c.key = r.case_key
        join study.truths t on t.study = r.study and t.case_key = r.case_key
        where r.study = s.study and not r.practice and (after is null or r.reading > after)
        order by r.reading limit amount) x);
end $$;

-- A study that moves takes its advice along.
create or replace function study.carried_tables() returns table (place integer, part text, belongs text, hidden text[])
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
        (17, 'grades', 't.study = $1', '{}'),
        (18, 'random_texts', 't.study = $1', '{}'),
        (19, 'calls', 't.study = $1', '{}'),
        (20, 'call_results', 't.call in (select c.call from study.calls c where c.study = $1)', '{}'),
        (21, 'advice', 't.study = $1', '{}')) as v(place, part, belongs, hidden);
end;
