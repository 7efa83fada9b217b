-- What a reading shows: only what has been released, in order, and what its reader has locked.

-- The reading, locked for a change or just read, after the caller was found to be its reader or the runner of its model.
-- Somebody else's reading does not exist for the caller.
create function study.own_reading(reading uuid, for_change boolean) returns study.readings
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings;
    somebody uuid := study.caller();
begin
    if for_change then
        select t.* into r from study.readings t where t.reading = own_reading.reading for update;
    else
        select t.* into r from study.readings t where t.reading = own_reading.reading;
    end if;
    if r.reading is null or not exists (
        select from study.members m where m.member = r.member
        and (m.person = somebody or m.kind = 'model' and exists (
            select from study.members n where n.study = r.study and n.person = somebody and n.role = 'runner')))
    then
        raise exception using errcode = 'RS404', message = 'There is no such reading for you.';
    end if;
    perform study.check_that((select m.state not in ('withdrawn', 'excluded') from study.members m where m.member = r.member),
        'RS423', 'You have left this study; its cases are not shown any more.');
    return r;
end $$;

-- The ids and forms of the evidence released so far, with the step that showed each.
create function study.released(r study.readings) returns table (step integer, place integer, id text, form text)
language sql stable set search_path = ''
begin atomic
    select (s.place - 1)::integer, e.place::integer, e.item ->> 'id', e.item ->> 'form'
    from study.scripts c
    cross join lateral jsonb_array_elements(c.content -> 'steps') with ordinality as s(step, place)
    cross join lateral jsonb_array_elements(coalesce(s.step -> 'evidence', '[]')) with ordinality as e(item, place)
    where c.study = r.study and c.hash = r.script and s.place - 1 <= r.step;
end;

-- A block in the form that the script names: the other form is left out, and so are the images' file data.
create function study.in_form(block jsonb, form text) returns jsonb
language sql immutable set search_path = ''
begin atomic
    select jsonb_build_object('id', block -> 'id', 'type', block -> 'type', 'title', block -> 'title', 'time', block -> 'time',
        'form', form, 'text', case when form = 'text' then block -> 'text' end,
        'finding', case when form = 'finding' then block -> 'finding' end,
        'images', case when form = 'image' then (
            select coalesce(jsonb_agg(jsonb_build_object('sha256', i -> 'sha256', 'mime', i -> 'mime', 'width', i -> 'width',
                'height', i -> 'height', 'alt', i -> 'alt', 'caption', i -> 'caption', 'pixel_spacing_mm', i -> 'pixel_spacing_mm')), '[]')
            from jsonb_array_elements(block -> 'images') as i) else '[]' end);
end;

create function study.blocks(r study.readings) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(study.in_form(e.block, x.form)
        || jsonb_build_object('step', x.step, 'shown_at', s.at) order by x.step, x.place), '[]')
    from study.released(r) x
    join study.evidence e on e.study = r.study and e.case_key = r.case_key and e.id = x.id
    left join study.events s on s.reading = r.reading and s.kind = 'shown' and s.step = x.step and s.attempt = r.attempt;
end;

create function study.answers(r study.readings) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(jsonb_build_object('step', e.step, 'kind', c.content -> 'steps' -> e.step ->> 'kind',
        'answer', p.payload::jsonb - 'deadline', 'at', e.at, 'late', e.kind = 'late', 'timed_out', e.kind = 'timed_out') order by e.seq),
            '[]')
    from study.events e
    join study.event_payloads p on p.reading = e.reading and p.seq = e.seq
    join study.scripts c on c.study = r.study and c.hash = r.script
    where e.reading = r.reading and e.attempt = r.attempt and e.kind in ('locked', 'late', 'timed_out') and p.payload is not null
    and c.content -> 'steps' -> e.step ->> 'kind' <> 'show';
end;

-- The options under their labels, in this reading's own order; null until the script has come to the selection.
create function study.labelled(r study.readings, script jsonb) returns jsonb
language sql stable set search_path = ''
begin atomic
    select case when exists (
            select from jsonb_array_elements(script -> 'steps') with ordinality as s(step, place)
            where s.step ->> 'kind' = 'selection' and s.place - 1 <= r.step)
        then (select jsonb_agg(jsonb_build_object('label', chr(64 + o.place::integer), 'text',
            t.options -> o.index ->> 'text') order by o.place)
              from study.truths t cross join lateral unnest(r.option_order) with ordinality as o(index, place)
              where t.study = r.study and t.case_key = r.case_key) end;
end;

create function study.label(r study.readings) returns jsonb
language sql stable set search_path = ''
begin atomic
    select jsonb_build_object('position', r.position, 'of', count(*)) from study.readings o where o.member = r.member
        and o.practice = r.practice;
end;

create function study.page(r study.readings) returns jsonb
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

-- Says whether this reader has been shown this image; not shown, unknown and foreign are one and the same refusal.
create function desk.evidence_image(reading uuid, sha256 text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings;
    found_image jsonb;
begin
    select t.* into r from study.readings t where t.reading = evidence_image.reading;
    if r.reading is not null and r.state <> 'paused' then
        r := study.own_reading(reading, false);
        select jsonb_build_object('mime', m.mime, 'bytes', m.bytes) into found_image
        from study.released(r) x
        join study.evidence e on e.study = r.study and e.case_key = r.case_key and e.id = x.id
        join study.media m on m.study = r.study and m.sha256 = evidence_image.sha256
        where x.form = 'image' and e.block -> 'images' @> jsonb_build_array(jsonb_build_object('sha256', evidence_image.sha256))
        limit 1;
    end if;
    perform study.check_that(found_image is not null, 'RS404', 'There is no such reading for you.');
    return found_image;
end $$;
select study.publish('evidence_image', 'authenticated');
