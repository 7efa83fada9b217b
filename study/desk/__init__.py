"""The typed desks: what a reader, a coordinator, a runner, a grader and an analyst may ask of the record."""

from study.desk._base import NAMESPACE, request_id
from study.desk.coordinator import CoordinatorDesk, SetupDesk
from study.desk.others import AnalystDesk, GraderDesk, RunnerDesk
from study.desk.pages import (
    DraftSaved,
    Failure,
    Feedback,
    Home,
    Me,
    Page,
    PageBlock,
    PageImage,
    PageStep,
    ReadingRow,
    SignIn,
    Turned,
    Verdict,
)
from study.desk.reader import ReaderDesk, ReadingDesk, Turn, VisitorDesk
from study.desk.staff import GradingQueue, Matrix, ModelCase, ModelReader, Person, StudyRow, StudyStatus
from study.desk.work import WorkDesk

__all__ = [
    "NAMESPACE",
    "AnalystDesk",
    "CoordinatorDesk",
    "DraftSaved",
    "Failure",
    "Feedback",
    "GraderDesk",
    "GradingQueue",
    "Home",
    "Matrix",
    "Me",
    "ModelCase",
    "ModelReader",
    "Page",
    "PageBlock",
    "PageImage",
    "PageStep",
    "Person",
    "ReaderDesk",
    "ReadingDesk",
    "ReadingRow",
    "RunnerDesk",
    "SetupDesk",
    "SignIn",
    "StudyRow",
    "StudyStatus",
    "Turn",
    "Turned",
    "Verdict",
    "VisitorDesk",
    "WorkDesk",
    "request_id",
]
