"""Operations on issues: analysis, work, review, resolution."""
