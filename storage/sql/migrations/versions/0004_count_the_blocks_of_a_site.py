"""Count the blocks of a site's pages.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('host_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('language', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('learned_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('host_template', schema=None) as batch_op:
        batch_op.create_index('ix_host_template_site', ['site', 'language'], unique=True)

    op.create_table('host_block',
    sa.Column('template_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.BigInteger(), nullable=False),
    sa.Column('linked', sa.Boolean(), nullable=False),
    sa.Column('df', sa.Integer(), nullable=False),
    sa.Column('df_days', sa.Integer(), nullable=False),
    sa.Column('first_seen', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('last_seen', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('sample', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['template_id'], ['host_template.id'], ),
    sa.PrimaryKeyConstraint('template_id', 'key')
    )
    op.create_table('host_page',
    sa.Column('template_id', sa.Integer(), nullable=False),
    sa.Column('link_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('capture_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('keys', sa.LargeBinary(), nullable=False),
    sa.Column('kept', sa.LargeBinary(), nullable=False),
    sa.Column('others', sa.Integer(), nullable=False),
    sa.Column('neighbours', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['capture_id'], ['capture.id'], ),
    sa.ForeignKeyConstraint(['link_id'], ['link.id'], ),
    sa.ForeignKeyConstraint(['template_id'], ['host_template.id'], ),
    sa.PrimaryKeyConstraint('template_id', 'link_id')
    )

