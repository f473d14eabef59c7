"""调解与执行: cases of courts and mediation bodies, in the judicial schema alone."""
