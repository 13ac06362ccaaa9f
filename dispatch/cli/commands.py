"""All commands, in the order in which they are met."""

import typer

from dispatch.cli import backup, check, city, measuring, people, planning, push, schema, server, tables, watching

app = typer.Typer(
    name="citong",
    help="刺桐 Citong: the volunteer network and dispatch of a city's public culture.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(city.command)
app.command("serve")(server.serve)
app.command("worker")(server.worker)
app.command("migrate")(server.migrate)
app.add_typer(tables.tables, name="import")
app.command("plan")(planning.plan)
app.command("check")(check.check)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("watch")(watching.watch)
app.command("schema")(schema.schema)
app.add_typer(people.user, name="user")
app.command("token")(people.token)
app.command("push-key")(push.command)
app.add_typer(measuring.bench, name="bench")
