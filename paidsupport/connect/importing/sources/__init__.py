"""What can be moved in from: each makes lines of the intermediate out of what another system says."""
