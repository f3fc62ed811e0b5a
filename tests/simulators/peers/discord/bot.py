"""A small discord.py bot. It plays one scene and leaves: a command with autocomplete, a private
answer, a card with a button, the card edited, a thread. Its gateway speaks zlib-stream.
The test that starts it plays the people."""

import os

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket

base = os.environ["DISCORD_BASE_URL"]
discord.http.Route.BASE = f"{base}/api/v10"
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(base.replace("http", "ws", 1) + "/gateway")

client = discord.Client(intents=discord.Intents(guilds=True))
tree = app_commands.CommandTree(client)


class Card(discord.ui.View):
    @discord.ui.button(label="Approve", custom_id="approve:plan-1")
    async def approve(self, interaction: discord.Interaction, button: discord.ui.Button):
        await interaction.response.edit_message(content="Approved", embed=None, view=None)
        thread = await interaction.message.create_thread(name="Plan 1")
        await thread.send("Noted.")
        await client.close()


@tree.command(description="Shows a patch")
async def show(interaction: discord.Interaction, patch: str):
    await interaction.response.defer(ephemeral=True)
    await interaction.followup.send(f"Looking at {patch}")
    embed = discord.Embed(title="A plan waits")
    await interaction.channel.send(embed=embed, view=Card(timeout=None))


@show.autocomplete("patch")
async def complete(interaction: discord.Interaction, typed: str):
    return [app_commands.Choice(name=f"{typed}5062557", value=f"{typed}5062557")]


@client.event
async def setup_hook():
    await tree.sync()


client.run(os.environ["DISCORD_TOKEN"])
