"""The surface: names, types, descriptions, access rules and limits of the GraphQL API."""
