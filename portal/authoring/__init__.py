"""Questionnaires of organizations: writing, trying, publishing, translating, ending them, and who may see them."""
