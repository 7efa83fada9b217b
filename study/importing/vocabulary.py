"""Names of tests as collections write them, and the evidence type of each."""

from __future__ import annotations

import re

from ..case import EvidenceType

# The first rule that fits decides, so the rules stand from the particular to the general: a culture of a scraping is
# laboratory, a scraping is microscopy; CT angiography is CT, angiography is x-ray; PET-CT is nuclear.
_RULES: tuple[tuple[EvidenceType, str], ...] = (
    ("laboratory", r"cultures?|flow cytometry|gram stain|fecal occult|occult blood"),
    ("other", r"(ct|mri) or (mri|ct)"),
    ("nuclear", r"pet|pet ct|spect|scintigra\w*|v q|ventilation perfusion|(bone|hida|dmsa|gallium|thyroid|lung) scan|"
                r"radio\w*iodine|thyroid uptake|sestamibi|nuclear|muga"),
    ("microscopy", r"\w*biops\w*|histol\w*|histop\w*|histoch\w*|\w*cytology|pap|smears?|scrapings?|marrow|"
                   r"fine needle|immunofluorescence|immunohisto\w*|microscop\w*|patholog\w*|koh|tzanck|"
                   r"wet mount|crystal analysis"),
    ("electrophysiology", r"ecg|ekg|electrocardio\w*|holter|eeg|electroenceph\w*|emg|electromyo\w*|nerve conduction|"
                          r"polysomno\w*|evoked potentials?|electroretino\w*|telemetry"),
    ("ultrasound", r"\w*ultraso\w*|sonogra\w*|sonohystero\w*|echo|echocardio\w*|doppler|duplex|fast|tte|tee"),
    ("mri", r"f?mri|mrcp|mra|mrv|magnetic resonance"),
    ("ct", r"ct|ldct|cect|cta|ctpa|hrct|computed tomogra\w*|computerized tomogra\w*|cat scan"),
    ("x-ray", r"\w*radiogra\w*|x rays?|xrays?|cxr|kub|mammogra\w*|barium|\w*esophagra\w*|pyelogra\w*|urogra\w*|"
              r"\w*angiogra\w*|fluoroscop\w*|cystourethro\w*|hysterosalpingo\w*|myelogra\w*|skeletal survey|dexa|dxa|"
              r"bone density|bone age|orthopantomogra\w*|swallow study|contrast enema"),
    ("endoscopy", r"\w*endoscop\w*|colonoscop\w*|sigmoidoscop\w*|gastroscop\w*|egd|bronchoscop\w*|cystoscop\w*|"
                  r"laryngoscop\w*|nasopharyngoscop\w*|anoscop\w*|proctoscop\w*|hysteroscop\w*|colposcop\w*|"
                  r"arthroscop\w*|laparoscop\w*|thoracoscop\w*|otoscop\w*|ercp"),
    ("photography", r"fund\w*|ophthalmoscop\w*|slit lamp|derm\w*scop\w*|wood s lamp|woods lamp|photogra\w*|retinal|"
                    r"fluorescein|capillaroscop\w*"),
    ("genomics", r"gene|genes|genetics?|genom\w*|karyotyp\w*|sequencing|mutations?|microarray|exome|fish|dna|"
                 r"chromosom\w*|molecular"),
    ("examination", r"vital signs?|blood pressure|dix hallpike|mental status|neurological exam\w*|ophthalmolog\w*|"
                    r"physical exam\w*|positional test\w*|straight leg"),
    ("history", r"occupational history|family history|travel history|sleep diary"),
    ("other", r"\w*audio\w*|hearing|tympano\w*|spiromet\w*|pulmonary function|pfts?|dlco|peak flow|methacholine|"
              r"tuberculin|mantoux|allergy|patch test\w*|skin prick|actigraph\w*|vestibular|autonomic|tilt table|"
              r"ankle brachial|\w*psychological|assessment tools|screening tests|visual field\w*|perimetry|tonometry|"
              r"manometry|urodynamic\w*|stress test|growth chart"),
    ("laboratory", r"lab|labs|laboratory|blood|serum|plasma|urine|urinalysis|urinary|stool|fecal|sputum|csf|"
                   r"cerebrospinal|lumbar puncture|cbc|count|hemoglobin|haemoglobin|hematocrit|hba1c|a1c|esr|"
                   r"sedimentation|crp|c reactive|ccp|ana|anca|inr|coagulation|prothrombin|d dimer|platelets?|wbc|"
                   r"leukocytes?|reticulocyte|electrolytes?|metabolic|chemistr\w*|biochemi\w*|creatinine|bun|urea|"
                   r"glucose|calcium|sodium|potassium|phosphat\w*|magnesium|liver|hepatic|hepatitis|renal function|"
                   r"kidney function|bilirubin|albumin|lipids?|cholesterol|lipase|amylase|enzymes?|kinase|ck|"
                   r"troponins?|bnp|dehydrogenase|ldh|iron|ferritin|transferrin|b12|folate|vitamin|thyroid|tsh|thyroxine|t4|t3|"
                   r"cortisol|acth|hormon\w*|prolactin|testosterone|estradiol|fsh|lh|hcg|pregnancy|renin|"
 r"aldosterone|"
                   r"insulin|pth|parathyroid|\w*antibod\w*|antigens?|antiglobulin|coombs?|complement|immunoglobulins?|"
                   r"immun\w*|rheumatoid|serolog\w*|elisa|western blot|pcr|viral|hiv|sti|std|torch|syphilis|rpr|vdrl|"
                   r"toxicolog\w*|drug screen|lead|alcohol|ethanol|lactate|ammonia|uric acid|gas|gases|abg|"
                   r"electrophoresis|tumou?r markers?|ca 125|cea|afp|psa|cd4|microbiolog\w*|infectious disease\w*|"
                   r"inflammatory markers|hematolog\w*|haematolog\w*|arthrocentesis|aspirat\w*|synovial|"
                   r"pleural fluid|ascitic|amniotic|semen|nitroblue|sweat|inhibin|levels?|titers?|titres?|"
                   r"varicella specific|routine"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(rf"\b(?:{pattern})\b")) for kind, pattern in _RULES)
_CONTAINER = re.compile(
    r"(?:\w+ )?imaging(?: (?:results|studies|and other tests))?|(?:other|others|additional|special|basic|further)"
    r"(?: (?:tests?|investigations|studies|examinations))?|investigations|tests?|results"
)


def evidence_type(name: str) -> EvidenceType | None:
    """The evidence type of a named test; None where no rule knows the name."""
    words = plain(name)
    return next((kind for kind, pattern in _COMPILED if pattern.search(words)), None)


def is_container(name: str) -> bool:
    """Whether the name only gathers tests of several kinds, such as "Imaging" or "Other_Tests"."""
    return _CONTAINER.fullmatch(plain(name)) is not None


def plain(name: str) -> str:
    """A name in lower case with single spaces: "Chest_X-ray" is "chest x ray"."""
    return " ".join(re.sub(r"[^0-9a-zα-ω]+", " ", name.casefold()).split())
