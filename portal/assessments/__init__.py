"""Questionnaires asked and answered: publishing, requests, assessments, answers, submissions and what is shared."""
