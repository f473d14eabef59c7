"""A night, a whole life: composes the stages and seals what they say."""
