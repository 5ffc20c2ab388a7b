"""Operations of moving in: writing what comes, and the runs."""
