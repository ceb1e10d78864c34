"""Routes of the REST API, exact and without a slash at the end. ``apps.api.middleware`` is their way."""

from apps.accounts.routes import routes as accounts
from apps.credits.routes import routes as credits_
from apps.dashboard.routes import routes as dashboard
from apps.explore.routes import routes as explore
from apps.insights.routes import routes as insights
from apps.nlq.routes import routes as nlq

urlpatterns = [*dashboard, *explore, *credits_, *insights, *nlq, *accounts]
