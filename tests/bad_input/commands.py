"""Command lines that are called wrongly, or that cannot do what they were asked."""

from tests.bad_input.cases import run

CASES = [
    run("no such command", "sevre", 2, "sevre", "No such command"),
    run("an unknown option", "serve --prot 1", 2, "--prot", "No such option"),
    run("a port that is a word", "serve --port x", 2, "--port", "integer"),
    run("a port that is too high", "serve", 1, "PORTAL_PORT", "65535", PORTAL_PORT="70000"),
    run("an environment that is none", "serve", 1, "PORTAL_ENVIRONMENT", "production", PORTAL_ENVIRONMENT="prod"),
    run("no database address", "serve", 1, "PORTAL_DATABASE_URL", "postgresql://", PORTAL_DATABASE_URL="mysql://x"),
    run(
        "no owner",
        "migrate",
        1,
        "PORTAL_OWNER_DATABASE_URL",
        "needed",
        PORTAL_DATABASE_URL="postgresql://x@127.0.0.1:1/x",
    ),
    run("no list", "suppliers import --buyer x nowhere.csv", 2, "nowhere.csv", "exist"),
    run("a list without a buyer", "suppliers import @list", 2, "--buyer", "required|Missing"),
    run("a list for nobody", "suppliers import --buyer Nobody @list", 1, "Nobody", "approve"),
    run("a mapping that is none", "suppliers import --buyer x --mapping name @list", 1, "--mapping", "FIELD=COLUMN"),
    run(
        "a mapping to no column",
        "suppliers import --buyer x --mapping name=Nothing @list",
        1,
        "Nothing",
        "The columns are: Name, Country",
    ),
    run(
        "a mapping of no field",
        "suppliers import --buyer x --mapping height=1 @list",
        1,
        "height",
        "The fields are: name, local_name",
    ),
    run(
        "an encoding that is none", "suppliers import --buyer x --encoding klingon @list", 1, "klingon", "utf-8, utf-16"
    ),
    run("a list that is a picture", "suppliers import --buyer x @picture", 1, "", "CSV file or an Excel workbook"),
    run("a quarter that is none", "benchmarks release --quarter 2026Q5", 1, "2026Q5", "2026Q3"),
    run("a quarter that is not over", "benchmarks plan --quarter 2099Q1", 1, "2099", "ends on 2099-03-31"),
    run("a correction without a reason", "benchmarks release --correct", 1, "", "--correct and --reason go together"),
    run(
        "a reason without a correction",
        "benchmarks release --reason Wrong",
        1,
        "",
        "--correct and --reason go together",
    ),
    run("no release", "benchmarks show 99", 1, "99", "no release 99"),
    run("release zero", "benchmarks show 0", 2, "", "greater than or equal to 1"),
    run("no questionnaire", "benchmarks approve nothing", 1, "nothing", "No questionnaire nothing is published"),
    run("a faulty questionnaire", "questionnaires lint @questionnaire", 1, "", "allowed: one document of YAML 1.2"),
    run("no such file", "questionnaires lint nowhere.yaml", 1, "nowhere.yaml", "no file or folder"),
    run("a form that is a picture", "questionnaires import @picture", 1, "", "not an Excel workbook"),
    run("a format that is none", "questionnaires export spot-check@1.0.0 -f docx", 2, "docx", "xlsform"),
    run("a tier that is none", "questionnaires export spot-check@1.0.0 -f pdf --tier top", 1, "top", "it has: micro"),
    run(
        "a version that is nowhere", "questionnaires export nothing@1.0.0 -f pdf", 1, "nothing", "none of that name is"
    ),
    run("a publisher that is none", "operator release-publisher nobodys", 1, "nobodys", "Nobody has claimed"),
    run("no published one", "questionnaires show nothing", 1, "", "no such questionnaire"),
    run("no such organization", "operator approve nothing buyer", 2, "ORGANIZATION", "UUID"),
    run("no such role", "operator approve @buyer_uuid king", 1, "", "supplier, buyer, partner, reviewer"),
    run("nobody to grant", "operator grant nobody@example.com", 1, "nobody@example.com", "has no account"),
]
