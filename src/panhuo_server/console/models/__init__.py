"""模型: what the last night scored and valued by: models, expert cards, policies and assumptions, with their texts."""
