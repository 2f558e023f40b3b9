"""The commands, a noun or a verb each; every module gives its `app`."""
