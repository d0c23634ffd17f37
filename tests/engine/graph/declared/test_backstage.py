from __future__ import annotations

import json

import pytest

from engine.graph.declared.component import ComponentKind
from engine.graph.declared.reading import Form
from engine.graph.declared.references import parse_reference
from tests.engine.graph.declared.catalogues import drawn, reading, told

BOOKS = """
# The book shop
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: selling}
spec: {owner: group:directors}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: books}
spec: {owner: readers, domain: selling}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Storefront
  title: The storefront
  description: Where people buy
  annotations: {example.com/tier: "1", example.com/criticality: critical}
  links: [{url: "https://books.example.com", title: Shop}]
spec:
  type: website
  lifecycle: production
  owner: user:default/ada
  system: books
  dependsOn: [resource:default/stock-db, component:jira, component:printing]
  consumesApis: [pricing-api, other/tax]
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: pricing-api}
spec:
  type: openapi
  lifecycle: production
  owner: readers
  definition: |
    openapi: "3.0.0"
    servers: []
---
apiVersion: backstage.io/v1beta1
kind: Component
metadata: {name: pricing, tags: [tier-2]}
spec: {type: service, lifecycle: production, owner: readers, providesApis: [pricing-api], dependsOn: ["component:shared-lib"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shared-lib}
spec: {type: library, owner: readers}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: stock-db}
spec: {type: database, owner: dba, dependencyOf: [component:reports]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: jira}
spec: {type: saas, owner: it}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: more}
spec: {targets: [./staff.yaml]}
"""


def test_a_catalogue_is_read_with_its_references_completed() -> None:
    found = reading(BOOKS)
    assert found.form is Form.BACKSTAGE
    assert found.lost == ()
    assert drawn(found.lines) == {
        "storefront needs stock-db",
        "storefront needs jira",
        "storefront needs printing",
        "storefront needs api:pricing-api",
        "storefront needs api:other/tax",
        "api:pricing-api needs pricing",
        "pricing needs? shared-lib",
        "reports needs stock-db",
    }


def test_owners_tiers_and_systems_are_taken() -> None:
    components = {one.id: one for one in reading(BOOKS).components}
    shop = components["storefront"]
    assert (shop.name, shop.owner, shop.tier, shop.criticality.value) == ("The storefront", "user:ada", 1, "critical")
    assert (shop.lifecycle, shop.url, shop.part_of, shop.about) == (
        "production",
        "https://books.example.com",
        "system:books",
        "Where people buy",
    )
    assert components["pricing"].tier == 2
    assert components["system:books"].part_of == "domain:selling"
    assert [components[id].kind for id in ("stock-db", "shared-lib", "api:pricing-api")] == [ComponentKind.INFRA, ComponentKind.LIBRARY, ComponentKind.API]  # fmt: skip


def test_somebody_elses_jira_is_the_connected_one_and_that_is_said() -> None:
    found = reading(BOOKS)
    assert next(one for one in found.components if one.id == "jira").service == "jira"
    assert "“jira” is taken for the connected service Jira." in told(found)


def test_what_is_named_and_not_declared_is_kept_and_told() -> None:
    said = told(reading(BOOKS))
    assert "Nothing here declares “printing”; it is kept as a name. Did you mean “pricing”?" in said
    assert "Import what it points to: ./staff.yaml." in said


def test_the_answer_of_the_api_is_read_like_the_file() -> None:
    entity = {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "a"}, "spec": {"dependsOn": ["resource:b"]}}
    assert drawn(reading(json.dumps([entity])).lines) == drawn(reading(json.dumps({"items": [entity]})).lines) == {"a needs b"}


def test_two_that_declare_one_component_are_told_apart() -> None:
    text = "".join(
        f"---\nkind: Component\napiVersion: v1\nmetadata: {{name: a, labels: {{tier: '{tier}'}}}}\nspec: {{owner: {owner}}}\n"
        for tier, owner in ((1, "x"), (3, "y"))
    )
    found = reading(text)
    assert (found.components[0].owner, found.components[0].tier) == ("y", 3)
    assert "“a” has two owners, “x” and “y”; the later one counts." in told(found)
    assert "“a” has two tiers, 1 and 3; the later one counts." in told(found)


def test_several_providers_of_an_api_are_all_needed_until_somebody_says_otherwise() -> None:
    text = "".join(f"---\nkind: Component\napiVersion: v1\nmetadata: {{name: {name}}}\nspec: {{providesApis: [x]}}\n" for name in "ab")
    found = reading(text)
    assert drawn(found.lines) == {"api:x needs a", "api:x needs b"}
    assert "until somebody says that one is enough" in told(found)


def test_what_is_wrong_in_an_entity_takes_nothing_else_along() -> None:
    text = """
kind: Component
apiVersion: v1
metadata: {name: a, labels: {tier: platinum, criticality: so-so}, links: [{url: "javascript:alert(1)"}]}
spec: {owner: ":", dependsOn: [":x", "component:", b], consumesApis: {x: y}, system: "/"}
---
kind: Gadget
apiVersion: v1
metadata: {name: z}
---
kind: Component
apiVersion: v1
spec: {owner: x}
"""
    found = reading(text)
    assert drawn(found.lines) == {"a needs b"}
    assert (found.components[0].url, found.components[0].tier, found.components[0].owner) == ("", None, "")
    said = told(found)
    for part in (
        "“:x” under dependsOn is no reference",
        "“component:” under dependsOn",
        "A tier is 1, 2, 3 or 4; “platinum”",
        "“javascript:alert(1)” is no web address",
    ):
        assert part in said
    for part in (
        "The kind “Gadget” is not read",
        "A component has no name under metadata",
        "consumesApis of “a” is a list",
        "“so-so” was left out",
        "“:” is no reference to an owner",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("petstore", ("component", "default", "petstore")),
        ("Resource:Petstore", ("resource", "default", "petstore")),
        ("external/petstore", ("component", "external", "petstore")),
        ("api:external/pet:store", ("api", "external", "pet:store")),
        ("a/b:c", ("component", "a", "b:c")),
        (":x", None),
        ("/x", None),
        ("component:", None),
        ("", None),
    ],
)
def test_a_reference_is_completed(text: str, expected: tuple[str, str, str] | None) -> None:
    found = parse_reference(text, "component")
    assert (found and (found.kind, found.namespace, found.name)) == expected
