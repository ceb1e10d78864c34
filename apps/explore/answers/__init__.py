"""What REST views and pages both compose of readers: plain functions, without HTTP."""
