"""Routes that are not GraphQL, and what surrounds every response."""
