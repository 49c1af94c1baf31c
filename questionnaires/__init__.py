"""What a questionnaire is, which questions apply, what a valid answer is and how it scores; values in, values out."""
