"""What the bench must know of a system to seed, serve and load it."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from benchmarks import corpus
from benchmarks.client import Answer, Session
from benchmarks.cluster import Cluster
from benchmarks.load import Page
from benchmarks.server import Server


class System(ABC):
    """One contender at one size; its database carries the size in its name."""

    name: str
    title: str
    #: The application's environment, by name in `machine`.
    venv: str

    def __init__(self, cluster: Cluster, size: int) -> None:
        """Nothing is made or started yet."""
        self.cluster, self.size = cluster, size

    @property
    def database(self) -> str:
        """Where its rows are."""
        return f"{self.name}_{self.size}"

    def stamp(self) -> str:
        """What its rows were made from; a database with another stamp is made anew."""
        return f"corpus {corpus.VERSION}"

    def prepare(self) -> bool:
        """Make and seed the database, unless it is there; whether it had to."""
        if self.cluster.stamp(self.database) == self.stamp():
            self.tidy()
            return False
        self.cluster.create(self.database)
        self.seed()
        self.cluster.seal(self.database, self.stamp())
        return True

    def tidy(self) -> None:  # noqa: B027 - not every contender is written to
        """Take away what runs have added to the corpus, one that was stopped included."""

    @abstractmethod
    def seed(self) -> None:
        """Fill the empty database."""

    @abstractmethod
    def serve(self) -> AbstractContextManager[Server]:
        """Start it with gunicorn."""

    def visitor(self, port: int) -> Session:
        """Somebody who visits what is served on a port, not signed in."""
        return Session(port)

    @abstractmethod
    def sign_in(self, port: int, agent: int) -> Session:
        """A session of a member of staff."""

    @abstractmethod
    def pages(self, port: int) -> dict[str, Page]:
        """The pages to load, by name; equal names are compared with each other."""


class Claimable(System):
    """A system whose tickets people can take."""

    @abstractmethod
    def restock(self, count: int) -> list[str]:
        """Make tickets that nobody holds; their names."""

    @abstractmethod
    def is_free(self, session: Session, ticket: str) -> bool:
        """Open the ticket and look whether it is still shown as free."""

    @abstractmethod
    def claim(self, session: Session, ticket: str) -> Answer:
        """Click on "take this ticket"."""
