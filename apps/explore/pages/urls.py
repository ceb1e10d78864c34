"""Addresses of the explorer's pages."""

from django.urls import path
from django.views.generic import RedirectView

from apps.explore.pages import (
    accounts,
    collection,
    discogs,
    dna,
    entities,
    explore,
    names,
    search,
    settings,
    snapshots,
)
from apps.explore.pages.credits import Credits, CreditsTable
from apps.explore.pages.discover import Discover
from apps.explore.pages.genres import Genres
from apps.explore.pages.insights import Insights
from apps.explore.pages.missing import Missing
from apps.explore.pages.path import FindPath
from apps.explore.pages.trends import Trends, TrendsTable

app_name = "pages"
urlpatterns = [
    path("", accounts.follow_links(explore.Explore.as_view()), name="explore"),
    path("snapshot/<str:token>", snapshots.OpenSnapshot.as_view(), name="snapshot"),
    path("snapshot/<str:token>/picture.png", snapshots.SnapshotPicture.as_view(), name="snapshot_picture"),
    path("artist/<str:slug>", entities.ArtistPage.as_view(), name="artist"),
    path("label/<str:slug>", entities.LabelPage.as_view(), name="label"),
    path("master/<str:slug>", entities.MasterPage.as_view(), name="master"),
    path("genre/<path:name>/", entities.GenrePage.as_view(), name="genre"),
    path("style/<path:name>/", entities.StylePage.as_view(), name="style"),
    path("person/<path:name>/", entities.PersonPage.as_view(), name="person"),
    path("release/<str:slug>", entities.ReleasePage.as_view(), name="release"),
    # As people type them: one address has one page.
    *(
        path(
            f"{kind}/<str:slug>/",
            RedirectView.as_view(pattern_name=f"pages:{kind}", permanent=True, query_string=True),
        )
        for kind in ("artist", "label", "master", "release")
    ),
    path("names/", names.Names.as_view(), name="names"),
    path("path/", FindPath.as_view(), name="path"),
    path("trends/", Trends.as_view(), name="trends"),
    path("trends.csv", TrendsTable.as_view(), name="trends-csv"),
    path("search/", search.Search.as_view(), name="search"),
    path("insights/", Insights.as_view(), name="insights"),
    path("genres/", Genres.as_view(), name="genres"),
    path("credits/", Credits.as_view(), name="credits"),
    path("credits.csv", CreditsTable.as_view(), name="credits-csv"),
    path("login/", accounts.LogIn.as_view(), name="login"),
    path("login/code/", accounts.GiveCode.as_view(), name="login_code"),
    path("login/recovery/", accounts.GiveRecoveryCode.as_view(), name="login_recovery"),
    path("register/", accounts.Register.as_view(), name="register"),
    path("forgot/", accounts.Forgot.as_view(), name="forgot"),
    path("reset/", accounts.Reset.as_view(), name="reset"),
    path("verify/", accounts.VerifyEmail.as_view(), name="verify"),
    path("settings/", settings.Settings.as_view(), name="settings"),
    path("settings/password/", settings.ChangePassword.as_view(), name="password"),
    path("settings/second-factor/", settings.SetUpFactor.as_view(), name="factor"),
    path("settings/second-factor/confirm/", settings.ConfirmFactor.as_view(), name="factor_confirm"),
    path("settings/second-factor/codes/", settings.RenewCodes.as_view(), name="codes"),
    path("settings/second-factor/off/", settings.DisableFactor.as_view(), name="factor_off"),
    path("settings/tokens/", settings.NewToken.as_view(), name="tokens"),
    path("settings/tokens/<uuid:token_id>/", settings.RevokeToken.as_view(), name="token"),
    path("settings/sessions/", settings.EndSessions.as_view(), name="sessions"),
    path("settings/delete/", settings.DeleteAccount.as_view(), name="delete_account"),
    path("settings/discogs/", discogs.Connect.as_view(), name="connect"),
    path("settings/discogs/code/", discogs.GiveDiscogsCode.as_view(), name="connect_code"),
    path("settings/discogs/callback/", discogs.ReturnFromDiscogs.as_view(), name="connect_return"),
    path("settings/discogs/off/", discogs.Disconnect.as_view(), name="disconnect"),
    path("settings/sync/", discogs.StartSync.as_view(), name="sync"),
    path("settings/sync/<uuid:sync_id>/", discogs.StopSync.as_view(), name="stop_sync"),
    path("settings/schedule/", discogs.ChooseSchedule.as_view(), name="schedule"),
    path("logout/", accounts.LogOut.as_view(), name="logout"),
    path("collection/", collection.Collection.as_view(), name="collection"),
    path("collection/import/", collection.Import.as_view(), name="import"),
    path("wantlist/", collection.Wantlist.as_view(), name="wantlist"),
    path("discover/", Discover.as_view(), name="discover"),
    path("missing/", Missing.as_view(), name="missing"),
    path("dna/", dna.Dna.as_view(), name="dna"),
    path("label/<slug:slug>/dna/", dna.Dna.as_view(), name="label_dna"),
]
