"""All files of a module, from the intermediate model."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from inmanta_module_factory.builder import InmantaModuleBuilder
from inmanta_module_factory.inmanta.module import Module
from inmanta_module_factory.inmanta.module_element import ModuleElement

from service_generator.const import DESCRIPTIONS
from service_generator.emit.elements import Statements
from service_generator.emit.entities import EntityElements
from service_generator.emit.expressions import namespaces_in
from service_generator.emit.statements import render as render_statements
from service_generator.emit.text import render, wrap
from service_generator.emit.types import typedef_element
from service_generator.errors import DescriptionError
from service_generator.model import services as model
from service_generator.model.expressions import Call
from service_generator.model.hygiene import name_statements
from service_generator.model.machines import machine
from service_generator.model.selection import relations_outside
from service_generator.model.statements import Assign, Gap, Statement, expressions
from service_generator.model.unrolling import bindings, pools_of, unrolling
from service_generator.ownership import Owner


def emit(module: model.Module) -> dict[Path, str]:
    """
    The text of all generated files of a module.

    :param module: the checked description
    :return: for each path, relative to the folder of the module, the text of the file
    """
    return _Emitter(module).files()


def emit_model(module: model.Module) -> dict[Path, str]:
    """
    The text of all files of the model of a module, without the Python file that goes with them.

    :param module: the checked description
    :return: for each path, relative to the folder of the model, the text of the file
    """
    model_folder = Path("model")
    return {path.relative_to(model_folder): text for path, text in emit(module).items() if path.parts[0] == "model"}


class _Emitter:
    def __init__(self, module: model.Module) -> None:
        self._module = module
        self._builder = InmantaModuleBuilder(Module(module.name))
        self._headers: dict[str, str] = {}
        self._imported: set[str] = set()
        services = [service for namespace in module.namespaces for service in namespace.services]
        self._services = {service.entity.full_name: service for service in services}
        self._pools = pools_of(services)
        self._owner = Owner(module.name, module.source)
        command = "`inv generate` or `python -m generator generate`"
        package = module.source.replace("/", ".")
        if package != DESCRIPTIONS:
            command = f"`service-generator generate --descriptions {package}`"
        self._advice = f"Don't edit it: edit the description and run\n{command}."

    def files(self) -> dict[Path, str]:
        self._root()
        for namespace in self._module.namespaces:
            self._parents_of(namespace.name)
            self._namespace(namespace)
            if namespace.services:
                self._binding(namespace)
        if self._module.runtime in self._imported:
            what = "The peer of the generated Python module with the same name, so that its plugins can be called."
            self._start(self._module.runtime, what, self._init)
            self._add([self._statements(self._module.runtime, [], {"lsm"})])
        if relations_outside(list(self._services.values())):
            what = (
                "The peer of the generated Python module with the same name, which chooses the instances of partial compiles."
            )
            self._start(f"{self._module.name}::selector", what, self._init)
            self._add([self._statements(f"{self._module.name}::selector", [], {"lsm"})])
        with tempfile.TemporaryDirectory() as folder:
            files = {path: text for key in self._headers for path, text in [self._file(Path(folder), key)]}
        return files | self._plugins() | self._selector()

    def _selector(self) -> dict[Path, str]:
        related = relations_outside(list(self._services.values()))
        if not related:
            return {}
        text = render("selector.py.j2", related=related, mark=self._mark(self._init), advice=self._advice)
        return {Path("inmanta_plugins", self._module.name, "selector.py"): text}

    def _plugins(self) -> dict[Path, str]:
        if self._module.runtime not in self._imported:
            return {}
        path = Path("inmanta_plugins", self._module.name, "unrolling.py")
        text = render("unrolling.py.j2", module=self._module.name, mark=self._mark(self._init), advice=self._advice)
        return {path: text}

    @property
    def _init(self) -> str:
        return f"{self._module.source}/__init__.py"

    def _mark(self, source: str) -> str:
        return wrap(self._owner.mark(source))

    def _file(self, folder: Path, key: str) -> tuple[Path, str]:
        # The header goes through a %-template of the factory.
        path = self._builder.generate_model_file(folder, key, copyright_header_template=self._headers[key].replace("%", "%%"))
        assert path is not None
        return Path("model", path.relative_to(folder)), path.read_text(encoding="utf-8").strip("\n") + "\n"

    def _start(self, namespace: str, description: str, source: str) -> None:
        if namespace in self._headers:
            raise DescriptionError(
                f"two files give the namespace {namespace}, of which one is generated for others. Rename this one.",
                where=source,
            )
        text = {"description": wrap(description), "mark": self._mark(source), "advice": self._advice}
        self._headers[namespace] = render("header.j2", **text)

    def _add(self, elements: list[ModuleElement]) -> None:
        for position, element in enumerate(elements):
            element.overwrite_ordering_key(f"{position:06}")
            self._imported |= element.get_imports()
            self._builder.add_module_element(element)

    def _statements(self, namespace: str, statements: Sequence[Statement], imports: set[str]) -> Statements:
        named = name_statements(tuple(statements), frozenset())
        needed = imports.union(*(namespaces_in(node, namespace) for node in expressions(named))) - {namespace}
        return Statements(namespace, namespace.split("::"), render_statements(named, namespace), needed)

    def _root(self) -> None:
        name, source = self._module.name, self._init
        config = self._module.settings.rpartition("::")[0]
        self._start(name, "The configuration of the module.", source)
        comment = "The configuration of the project, read once per compile."
        settings = Assign(None, "settings", Call(self._module.settings), comment)
        self._add([self._statements(name, [settings], {config})])
        self._start(config, "The peer of the Python module with the same name, so that its plugins can be called.", source)
        self._add([self._statements(config, [], set())])

    def _parents_of(self, namespace: str) -> None:
        parts = namespace.split("::")
        for length in range(2, len(parts)):
            parent = "::".join(parts[:length])
            if parent not in self._headers:
                self._start(parent, "The parent of the namespaces below it; empty itself.", self._init)
                self._add([self._statements(parent, [], set())])

    def _namespace(self, namespace: model.Namespace) -> None:
        self._start(namespace.name, namespace.description, namespace.source)
        elements: list[ModuleElement] = [typedef_element(typedef) for typedef in namespace.typedefs]
        entities = EntityElements(namespace)
        made: list[Statement] = [*entities.annotations]
        for lifecycle in namespace.lifecycles:
            made += [Gap(None), *machine(lifecycle)]
        if made:
            elements.append(self._statements(namespace.name, made, set()))
        if namespace.shared:
            statements: list[Statement] = []
            for shared in namespace.shared:
                statements += [Assign(shared.place, shared.name, shared.construct, shared.description), Gap(None)]
            elements.append(self._statements(namespace.name, statements, set()))
        self._add([*elements, *entities.elements])

    def _binding(self, namespace: model.Namespace) -> None:
        name = f"{namespace.name}::lsm"
        names = ", ".join(service.entity.name for service in namespace.services)
        self._start(name, f"The binding of {names} to the service catalog, and what unrolls its instances.", namespace.source)
        needed = {"lsm", namespace.name}
        if any(relations_outside([service]) for service in namespace.services):
            needed.add(f"{self._module.name}::selector")
        statements = list(bindings(namespace.services, self._services))
        for service in namespace.services:
            statements += [*unrolling(service, namespace.services, self._module.runtime, self._pools), Gap(None)]
        self._add([self._statements(name, statements, needed)])
