"""Settings of a declared API, up to its objects, which each test declares for itself."""

REGISTER = """
sources:
  crm:
    kind: sales
    api:
      system: declared
      base_url: {url}
      token: key
      declaration:
        note: The register of members.
        needs: {{token: a key}}
        auth: {{header: X-Key, value: "{{token}}"}}
        objects:
"""
