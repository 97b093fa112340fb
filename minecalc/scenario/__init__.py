"""A scenario: one site, its market assumptions, and the plans to compare.

``varying`` puts columns of numbers in place of inputs, so that one evaluation answers many cases. Files are read in
``loading``.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, PrivateAttr

from minecalc.arrays import FloatArray, Number, cases_in
from minecalc.businesses import business, kinds
from minecalc.corners import AFTER_TAX, LEVERED, TO_EQUITY, UNLEVERED
from minecalc.fleets.stops import Stops
from minecalc.frozen import frozen
from minecalc.market import Market
from minecalc.scenario.site import Site
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.declared import annotation_at, model_in
from minecalc.schema.diagnostics import Problem, shown
from minecalc.schema.fields import anything, choice, field_meta, later, number, own_form, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.node import Node
from minecalc.schema.reading import FileRead, identity
from minecalc.schema.validate import failed, refused, validate_data
from minecalc.timeline import Timeline, timeline_from
from minecalc.uses.meanwhile import Meanwhile
from minecalc.uses.use_terms import UseTerms, figures_of_records, with_records
from minecalc.values.forms import FORMS
from minecalc.values.paths import Month, Sourced, TimedInputs, is_over_time

if TYPE_CHECKING:
    from minecalc.deals.financing import Financing
    from minecalc.deals.taxation import Tax
    from minecalc.uncertainty.block import Uncertainty as Uncertain
else:
    Financing = later("minecalc.deals.financing", "Financing")
    Tax = later("minecalc.deals.taxation", "Tax")
    Uncertain = later("minecalc.uncertainty.block", "Uncertainty")


class Use(NamedTuple):
    """One use of megawatts in a plan. ``inputs`` are the ``Inputs`` of its business, with records' figures filled in.

    ``given`` are the inputs that the file states, ``sourced`` those that a named record supplied.
    """

    name: str
    kind: str
    inputs: UseTerms
    given: frozenset[str]
    sourced: Mapping[str, Sourced] = MappingProxyType({})

    def with_stops(self, stops: Mapping[str, Stops]) -> Self:
        """This use with the fleets of these names stopped so."""
        return self._replace(inputs=self.inputs.with_stops(stops))


class PlanTerms(TimedInputs):
    """What a plan may say beside its uses."""

    discount_rate_fraction_per_year: Number | None = number(
        low=-0.5, high=5, default=None, help="discount rate of this plan; omitted: the scenario's"
    )
    evidence: Literal["claim", "filed", "observed"] | None = choice(
        default=None,
        help="what it rests on: a claim under test, a filing or contract, or what was seen to happen; no headline or "
        "ranking is about a claim while there is another alternative",
    )
    financing: Financing | None = anything(default=None, help="the debt that pays for it; omitted: all is equity")
    tax: Tax | None = anything(default=None, help="how this plan is taxed; omitted: as the scenario says, if it does")


class Plan(NamedTuple):
    """One named way to use the site's megawatts: ``inputs`` of its own, and uses.

    ``flat`` plans have a single use and no ``uses`` key in the file.
    """

    name: str
    uses: tuple[Use, ...]
    flat: bool
    inputs: PlanTerms

    def place(self, use: Use) -> tuple[str, ...]:
        """Where the inputs of ``use`` stand in the file."""
        return ("plans", self.name) if self.flat else ("plans", self.name, "uses", use.name)

    @property
    def meanwhile(self) -> tuple[Meanwhile, ...]:
        """What runs until its conversions start."""
        return tuple(use.inputs.meanwhile for use in self.uses if use.inputs.meanwhile is not None)

    def with_terms(self, **terms: Any) -> Self:
        """This plan with other ``terms`` than its own, by the names of ``PlanTerms``."""
        return self._replace(inputs=self.inputs.model_copy(update=terms))

    def with_use(self, use: Use) -> Self:
        """This plan with ``use`` in place of that of the same name."""
        return self._replace(uses=tuple(use if own.name == use.name else own for own in self.uses))


def _use(name: str, data: Any, at: tuple[str, ...]) -> tuple[Use | None, list[Problem]]:
    if not isinstance(data, Mapping):
        return None, [
            Problem(at, "wrong-type", f"{name} is no mapping of inputs", f"say what it is: kind: {kinds()[0]}")
        ]
    kind = data.get("kind")
    if kind is None:
        known = ", ".join(kinds())
        return None, [Problem(at, "missing-key", f"{name} has no kind", f"add kind: one of {known}", key=True)]
    if not isinstance(kind, str):
        advice = f"write one of {', '.join(kinds())}"
        return None, [Problem((*at, "kind"), "wrong-type", f"kind is {shown(kind)}; a name is needed", advice)]
    if kind not in kinds():
        return None, [unknown_name((*at, "kind"), "kind", kind, kinds())]
    rest = {key: value for key, value in data.items() if key != "kind"}
    inputs, problems = validate_data(rest, business(kind).Inputs, at)
    if inputs is None:
        return None, problems
    given = frozenset(inputs.model_fields_set)
    sourced = figures_of_records(inputs)
    return Use(name, kind, with_records(inputs, sourced), given, sourced), problems


def _plan(name: str, data: Any) -> tuple[Plan | None, list[Problem]]:
    if not isinstance(data, Mapping):
        advice = "a plan is kind: with its inputs, or uses: with several"
        return None, [Problem((name,), "wrong-type", f"the plan {name} is no mapping", advice)]
    own = {key: value for key, value in data.items() if key in PlanTerms.model_fields}
    terms, problems = validate_data(own, PlanTerms, (name,))
    rest = {key: value for key, value in data.items() if key not in own}
    flat = "uses" not in rest
    parts: list[tuple[str, Any, tuple[str, ...]]] = [(name, rest, (name,))]
    if not flat:
        members = rest.pop("uses")
        for key in rest:
            advice = f"beside uses a plan takes only {', '.join(PlanTerms.model_fields)}; inputs stand in the uses"
            problems.append(Problem((name, key), "unknown-key", f"unknown key {key} beside uses", advice, key=True))
        if not isinstance(members, Mapping) or not members:
            problems.append(Problem((name, "uses"), "wrong-type", "uses takes named uses, each with its kind"))
            members = {}
        parts = [(key, member, (name, "uses", key)) for key, member in members.items()]
    uses = [_use(*part) for part in parts]
    problems += [problem for _, found in uses for problem in found]
    if problems or terms is None:
        return None, problems
    return Plan(name, tuple(use for use, _ in uses if use), flat, terms), []


@own_form
class Plans(dict[str, Plan]):
    """Plans by name, in the order of the file."""

    @classmethod
    def _read(cls, data: Any) -> "Plans":
        if not isinstance(data, Mapping) or not data:
            advice = "name one: keep mining: {kind: bitcoin_mining, ...}"
            raise refused((), "wrong-type", "plans takes named plans", advice)
        plans, problems = cls(), list[Problem]()
        for name, plan_data in data.items():
            plan, found = _plan(name, plan_data)
            problems += found
            if plan is not None:
                plans[name] = plan
        if problems:
            raise failed(problems)
        return plans

    @classmethod
    def _form(cls) -> dict[str, Any]:
        from minecalc.schema.jsonschema import inputs_json_schema

        terms = inputs_json_schema(PlanTerms)
        uses = []
        for kind in kinds():
            use = inputs_json_schema(business(kind).Inputs)
            use["properties"] = {"kind": {"const": kind}} | use["properties"]
            use["required"] = ["kind", *use.get("required", [])]
            uses.append(use)
        flat = [{**use, "properties": use["properties"] | terms["properties"]} for use in uses]
        several = {
            "type": "object",
            "properties": {"uses": {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": uses}}}
            | terms["properties"],
            "required": ["uses"],
            "additionalProperties": False,
        }
        return {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [*flat, several]}}


#: Conditions as texts; ``requirements`` reads them.
Requirements = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=500)], ...], Field(max_length=200)]


class _Beside:
    """What is no part of a scenario itself: all are equal, for scenarios of the same inputs are."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


@frozen
class ScenarioText(_Beside):
    """The text that a scenario was read from, with the ``--set`` assignments, so that it can be read again.

    ``markets`` are files of market inputs that lie under it, ``files`` all that was read beside it. ``node`` is that
    text as it was understood; it does not go along to another process.
    """

    name: str = ""
    folder: str = "."
    data: bytes = b""
    assignments: tuple[str, ...] = ()
    confined: bool = False
    markets: tuple[str, ...] = ()
    files: tuple[FileRead, ...] = ()
    node: Node | None = None

    @property
    def sha256(self) -> str:
        """The checksum of the text; "" without one."""
        return hashlib.sha256(self.data).hexdigest() if self.data else ""

    @property
    def identity(self) -> dict[str, Any]:
        """What was read, as ``identity`` of ``schema.reading`` has it."""
        return identity(self.name, self.sha256, self.files)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"node": None}


class Known(_Beside):
    """What was found out of a scenario, once; none of it goes to another process. ``places`` are its inputs."""

    def __init__(self) -> None:
        self.places: tuple[Any, ...] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"places": None}


class Scenario(TimedInputs):
    """One site, its market, its plans."""

    fixed: ClassVar[frozenset[str]] = frozenset({"months"})

    name: str = text(help="what the reports call it")
    start: Month = text(
        default="2027-01",
        default_source="the first full year after the market snapshot",
        help="first month, YYYY-MM",
    )
    months: int = whole(low=1, high=600, default=120, default_source="ten years", help="length of the horizon")
    discount_rate_fraction_per_year: Number = number(
        low=-0.5,
        high=5,
        default=0.12,
        default_source="judgement: no analyst publishes one for these businesses",
        default_as_of="2026-06",
        help="effective discount rate a year, unless a plan carries its own",
    )
    inflation_fraction_per_year: Number = number(
        low=-0.5,
        high=1,
        default=0.0,
        default_source="costs stand still",
        help="growth of running costs that say none of their own: site, mining, GPUs, space; not power, nor machines",
    )
    baseline: str | None = text(default=None, help="the plan the others are compared with; omitted: the first")
    headline_plan: str | None = text(
        default=None,
        help="the alternative that the headline is about; omitted: the one furthest ahead that is no claim",
    )
    tax: Tax | None = anything(default=None, help="how every plan without a tax of its own is taxed; omitted: not")
    site: Site = anything(help="the grid connection")
    market: Market = Field(default_factory=Market, description="what mining is paid")
    plans: Plans = anything(help="the ways to use the megawatts")
    require: Requirements = anything(
        default=(),
        help="conditions that must hold, such as plans.lease.npv_usd > 0; where one fails, the exit code is 3",
    )
    uncertainty: Uncertain | None = anything(
        default=None, help="what is uncertain, and how: factors, distributions of inputs, correlations"
    )

    @property
    def timeline(self) -> Timeline:
        """Months 1..T."""
        return timeline_from(self.start, self.months) if self._timeline is None else self._timeline

    @property
    def baseline_plan(self) -> Plan:
        """The plan the others are compared with."""
        return self.plans[self.baseline] if self.baseline is not None else next(iter(self.plans.values()))

    @property
    def headline_plans(self) -> tuple[str, ...]:
        """The alternatives of which a headline is about the best; none where the baseline is alone.

        It is the one that ``headline_plan`` names, else all that are no claims, else all.
        """
        others = tuple(name for name in self.plans if name != self.baseline_plan.name)
        if self.headline_plan in others:
            return (self.headline_plan,)
        return tuple(name for name in others if self.plans[name].inputs.evidence != "claim") or others

    def uses(self) -> Iterator[tuple[Plan, Use]]:
        """Every use with its plan."""
        for plan in self.plans.values():
            for use in plan.uses:
                yield plan, use

    def runs_until(self, converts: Use) -> tuple[Use, ...]:
        """The uses that run until the conversion of ``converts`` starts; none without one."""
        named = converts.inputs.meanwhile
        if named is None:
            return ()
        uses = (use for use in self.plans[named.plan].uses if not named.uses or use.name in named.uses)
        stops: dict[str, dict[str, Stops]] = {}
        for stopped, fleet, when in named.stops:
            stops.setdefault(stopped, {})[fleet] = when
        if named.fleets:
            having = [use for use in uses if set(named.fleets) & set(use.inputs.stopping)]
            uses = (use._replace(inputs=use.inputs.only(named.fleets)) for use in having)
        return tuple(use.with_stops(stops[use.name]) if use.name in stops else use for use in uses)

    @property
    def earns_hash_price(self) -> bool:
        """Whether what any use earns hangs on the hash price."""
        return any(use.inputs.earns_hash_price for _, use in self.uses())

    def own_rate(self, plan: Plan) -> Number:
        """The discount rate of ``plan`` as if it were all equity: its own or the scenario's."""
        own = plan.inputs.discount_rate_fraction_per_year
        return self.discount_rate_fraction_per_year if own is None else own

    def rate(self, plan: Plan) -> Number:
        """The discount rate of what ``plan`` leaves to equity: that of its financing, its own, or the scenario's."""
        financing = plan.inputs.financing
        own = None if financing is None else financing.equity_rate_fraction_per_year
        return self.own_rate(plan) if own is None else own

    def tax_of(self, plan: Plan) -> Tax | None:
        """How ``plan`` is taxed: by its own block or the scenario's; None if it is not."""
        return self.tax if plan.inputs.tax is None else plan.inputs.tax

    @property
    def tax_decides(self) -> bool:
        """Whether every plan pays tax: only then are plans compared after it."""
        return all(self.tax_of(plan) is not None for plan in self.plans.values())

    def corner(self, plan: Plan) -> str:
        """The deepest corner of ``plan``, which every figure is of that names none (see ``minecalc.corners``)."""
        if plan.inputs.financing is not None:
            return TO_EQUITY if self.tax_decides else LEVERED
        return AFTER_TAX if self.tax_decides else UNLEVERED

    #: Where it was read, unless it was changed since.
    _source: ScenarioText = PrivateAttr(default=ScenarioText())
    #: A timeline of another class, where one was put in.
    _timeline: Timeline | None = PrivateAttr(default=None)
    #: Columns that ``vary`` put in, by dotted path.
    _columns: dict[str, FloatArray] = PrivateAttr(default_factory=dict)
    #: What has been found out of it; a copy finds out its own.
    _known: Known = PrivateAttr(default_factory=Known)

    @property
    def columns(self) -> Mapping[str, FloatArray]:
        """The columns of numbers, ``(cases,)`` each, that ``vary`` put in place of inputs."""
        return self._columns

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> "Scenario":
        """A copy; one in which something was replaced is no longer what its file says."""
        copied = super().model_copy(update=update, deep=deep)
        copied._known = Known()
        if update:
            copied._source = ScenarioText()
        return copied

    @property
    def source(self) -> ScenarioText:
        """What it was read from; empty for a scenario that was changed since, or made up."""
        return self._source

    @property
    def cases(self) -> int:
        """How many cases this scenario describes: 1 unless ``vary`` put columns in."""
        return cases_in(*self._columns.values())


def _inputs_at(node: Node, at: tuple[str, ...]) -> tuple[type[TimedInputs] | None, tuple[str, ...]]:
    """The class of inputs that a path below the tree of a scenario leads into, and the rest of the path from there on.

    That of the scenario, of what a plan says beside its uses, or of a business; None for no known kind of one.
    """
    if at[:1] != ("plans",):
        return Scenario, at
    if len(at) > 2 and at[2] in PlanTerms.model_fields:
        return PlanTerms, at[2:]
    depth = 4 if at[2:3] == ("uses",) else 2
    kind = node.find((*at[:depth], "kind")).value
    if isinstance(kind, str) and kind in kinds():
        return business(kind).Inputs, at[depth:]
    return None, at[depth:]


def alternatives_at(node: Node, at: tuple[str, ...]) -> Sequence[Alternatives]:
    """What excludes each other in the mapping at ``at`` below the tree of a scenario.

    A plan has ``uses`` or else a kind with its inputs; a value over time has one of its forms.
    """
    model, rest = _inputs_at(node, at)
    found: tuple[Alternatives, ...] = ()
    if len(at) == 2 and at[0] == "plans":
        members = node.find(at).value
        terms = {"uses", "kind", *PlanTerms.model_fields}
        flat = [key for key in members if key not in terms] if isinstance(members, dict) else []
        found = (Alternatives((("uses",), ("kind", *flat))),)
    if model is None:
        return found
    annotation = annotation_at(model, rest)
    owner = model_in(annotation)
    if owner is not None and issubclass(owner, TimedInputs):
        return (*found, *owner.alternatives)
    return (FORMS,) if is_over_time(annotation) else found


def takes_number(node: Node, at: tuple[str, ...]) -> bool | None:
    """Whether the input at ``at``, in a plan of the tree of a scenario, is a plain number; None if there is none."""
    model, rest = _inputs_at(node, at)
    annotation = annotation_at(model, rest)
    if model in (None, Scenario) or not rest or annotation is None:
        return None
    if model is PlanTerms:
        owner = model_in(annotation_at(PlanTerms, rest[:-1]))
        if owner is None:  # a member of a mapping, as a tranche is, and no input
            return None
        if field_meta(owner, rest[-1]).low is None:
            return False
    return not is_over_time(annotation)
