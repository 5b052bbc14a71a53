"""What texts and figures tell: columns and reasons for people and rules to decide by, never decisions."""
