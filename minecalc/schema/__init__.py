"""YAML text -> validated objects. Knows no domain; each name is imported from its own module.

    data, problems = reading.read_file(path)                 bytes, or why not
    node, problems = parsing.parse(data, path)               a tree that knows lines and columns
    node, problems = overrides.apply(node, ["site.gross_mw=60"])
    scenario, problems = validate.validate(node, Scenario)   an object, or all that is wrong with it
    print(diagnostics.render(problems))

Classes of inputs declare their fields with ``fields``; ``jsonschema`` describes them to editors.
"""
