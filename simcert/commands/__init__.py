"""The commands of `simcert`, one module each; `simcert.cli` imports a module when its command is called."""
