"""All files of a module, from the intermediate model."""

import tempfile
from pathlib import Path

from inmanta_module_factory.builder import InmantaModuleBuilder
from inmanta_module_factory.inmanta.module import Module
from inmanta_module_factory.inmanta.module_element import ModuleElement

from service_generator.const import DESCRIPTIONS
from service_generator.emit.elements import Statements
from service_generator.emit.entities import EntityElements
from service_generator.emit.expressions import namespaces_in, quote
from service_generator.emit.text import render, tidy, wrap
from service_generator.emit.types import typedef_element
from service_generator.emit.unrolling import Unrolling, binding_name
from service_generator.model import services as model
from service_generator.model.expressions import Variable

MARKER = "This file is generated from"
"""What tells a generated file from one that was written by hand."""


def emit(module: model.Module) -> dict[Path, str]:
    """
    The text of all files of a module.

    :param module: the checked description
    :return: for each path, relative to the folder of the model, the text of the file
    """
    emitter = _Emitter(module)
    return emitter.files()


class _Emitter:
    def __init__(self, module: model.Module) -> None:
        self._module = module
        self._builder = InmantaModuleBuilder(Module(module.name))
        self._headers: dict[str, str] = {}
        package = module.source.replace("/", ".")
        self._command = "`inv generate` or `python -m generator generate`"
        if package != DESCRIPTIONS:
            self._command = f"`python -m generator generate --descriptions {package}`"

    def files(self) -> dict[Path, str]:
        self._root()
        for namespace in self._module.namespaces:
            self._parents_of(namespace.name)
            self._namespace(namespace)
            if namespace.services:
                self._binding(namespace)
        with tempfile.TemporaryDirectory() as folder:
            return {path: text for key in self._headers for path, text in [self._file(Path(folder), key)]}

    def _file(self, folder: Path, key: str) -> tuple[Path, str]:
        # The header goes through a %-template of the factory.
        path = self._builder.generate_model_file(folder, key, copyright_header_template=self._headers[key].replace("%", "%%"))
        assert path is not None
        return path.relative_to(folder), tidy(path.read_text(encoding="utf-8"))

    def _start(self, namespace: str, description: str, source: str) -> None:
        text = {"description": wrap(description), "marker": MARKER, "source": source, "command": self._command}
        self._headers[namespace] = render("header.j2", **text)

    def _add(self, elements: list[ModuleElement]) -> None:
        for position, element in enumerate(elements):
            element.overwrite_ordering_key(f"{position:06}")
            self._builder.add_module_element(element)

    def _statements(self, namespace: str, text: str, imports: set[str]) -> Statements:
        return Statements(namespace, namespace.split("::"), text, imports - {namespace})

    def _root(self) -> None:
        name, source = self._module.name, f"{self._module.source}/__init__.py"
        config = self._module.settings.rpartition("::")[0]
        self._start(name, "The configuration of the module.", source)
        text = render("settings.cf.j2", plugin=self._module.settings)
        self._add([self._statements(name, text, {config})])
        self._start(config, "The peer of the Python module with the same name, so that its plugins can be called.", source)
        self._add([self._statements(config, "", set())])

    def _parents_of(self, namespace: str) -> None:
        parts = namespace.split("::")
        for length in range(2, len(parts)):
            parent = "::".join(parts[:length])
            if parent not in self._headers:
                self._start(
                    parent, "The parent of the namespaces below it; empty itself.", f"{self._module.source}/__init__.py"
                )
                self._add([self._statements(parent, "", set())])

    def _namespace(self, namespace: model.Namespace) -> None:
        self._start(namespace.name, namespace.description, namespace.source)
        elements: list[ModuleElement] = [typedef_element(typedef) for typedef in namespace.typedefs]
        if namespace.shared:
            resources = [
                {"name": shared.name, "comment": wrap(shared.description).split("\n"), "construct": shared.construct}
                for shared in namespace.shared
            ]
            text = render("shared.cf.j2", namespace=namespace.name, resources=resources)
            imports = set().union(*(namespaces_in(shared.construct) for shared in namespace.shared))
            elements.append(self._statements(namespace.name, text, imports))
        self._add([*elements, *EntityElements(namespace).elements])

    def _binding(self, namespace: model.Namespace) -> None:
        name = f"{namespace.name}::lsm"
        services = [_BindingContext(service, self._module.name) for service in namespace.services]
        names = ", ".join(service.entity.name for service in services)
        self._start(name, f"The binding of {names} to the service catalog, and what unrolls its instances.", namespace.source)
        imports = {"lsm", namespace.name}.union(*(service.imports for service in services))
        self._add([self._statements(name, render("binding.cf.j2", namespace=name, services=services), imports)])


class _BindingContext:
    """What the template needs to know about one service."""

    def __init__(self, service: model.Service, module: str) -> None:
        unrolling = Unrolling(service, module)
        self.entity = service.entity
        self.binding = binding_name(service.entity.name)
        self.lifecycle = service.lifecycle
        self.identity = service.identity
        display_name = service.identity_display_name
        self.identity_display_name = quote(display_name) if display_name else None
        self.tracks_changes = any(entity.tracks_changes for entity in service.entity.descendants())
        self.construct = unrolling.construct
        self.used_values = unrolling.used_values
        self.owner: Variable | None = None
        self.relation_to_owner = ""
        if service.owner is not None:
            self.owner = Variable(binding_name(service.owner.target), f"{service.owner.target_namespace}::lsm")
            self.relation_to_owner = service.owner.name
        nodes = [self.construct, *self.used_values.values(), *([self.owner] if self.owner else [])]
        self.imports = {service.lifecycle.rpartition("::")[0]}.union(*map(namespaces_in, nodes))
