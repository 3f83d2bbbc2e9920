-- description: templates by team

CREATE INDEX idx_templates_team ON templates (team_id);
